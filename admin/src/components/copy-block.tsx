import { CopyButton } from "@/components/copy-button";

interface CopyBlockProps {
  text: string;
  /** What it is, for the name of the button: `request`. */
  what: string;
}

/** A text of several lines, to be looked at or taken along. */
export function CopyBlock({ text, what }: CopyBlockProps) {
  return (
    <div className="relative">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
        tabIndex={0}
        className="max-h-64 overflow-auto rounded-lg bg-sunken px-3 py-2.5 pr-10 font-mono text-xs leading-5"
      >
        {text}
      </pre>
      <CopyButton value={text} what={what} className="absolute top-1.5 right-1.5 bg-sunken" />
    </div>
  );
}
