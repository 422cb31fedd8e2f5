import { lazy, Suspense } from "react";
import { useMedia } from "@/components/use-media";
import type { ControlProps } from "@/ui/field";
import { verbatim } from "@/ui/input";
import { Textarea } from "@/ui/textarea";

/** What is wrong with a part of the text, by positions in UTF-16 units. */
export interface Diagnostic {
  from: number;
  to: number;
  message: string;
  severity: "error" | "warning";
}

export interface Completion {
  label: string;
  /** In a word or two, at the right: `relation`, `macro`. */
  detail?: string;
  info?: string;
  kind: "property" | "keyword" | "variable" | "function" | "enum" | "class";
}

export interface Completions {
  /** Where the word begins that a completion replaces. */
  from: number;
  options: Completion[];
}

export interface CodeEditorProps {
  value: string;
  onChange: (value: string) => void;
  language: "rule" | "json" | "sql";
  /** Names the editor for screen readers where no label points at it. */
  label: string;
  control?: ControlProps;
  diagnostics?: Diagnostic[];
  complete?: (text: string, position: number) => Completions | null;
  readOnly?: boolean;
  /** Ctrl Enter, or ⌘ Enter. */
  onSubmit?: () => void;
  /** Lines that are shown even when they are empty. */
  minLines?: number;
  placeholder?: string;
}

const CodeMirror = lazy(async () => {
  try {
    return { default: (await import("@/components/code-mirror")).CodeMirror };
  } catch {
    // The code of the editor did not come: what is typed matters more than its colours.
    return { default: PlainEditor };
  }
});

/** Text of a language, with colours, completion and marks; a plain text area where there is only touch. */
export function CodeEditor(props: CodeEditorProps) {
  const touch = useMedia("(pointer: coarse)");
  if (touch) return <PlainEditor {...props} />;
  return (
    <Suspense fallback={<Waiting {...props} />}>
      <CodeMirror {...props} />
    </Suspense>
  );
}

/** What is there to read while the editor comes. It takes no focus, or the first keys would be lost with it. */
function Waiting({ value, minLines = 3 }: CodeEditorProps) {
  return (
    <pre
      aria-busy
      className="overflow-hidden whitespace-pre-wrap rounded-lg border border-line-strong bg-surface px-3 py-2 font-mono text-[0.8125rem] leading-[1.375rem] [overflow-wrap:anywhere]"
      style={{ minHeight: `${minLines * 1.375 + 1}rem` }}
    >
      {value}
    </pre>
  );
}

function PlainEditor({
  value,
  onChange,
  label,
  control,
  readOnly,
  onSubmit,
  minLines = 3,
  placeholder,
}: CodeEditorProps) {
  return (
    <Textarea
      {...control}
      aria-label={label}
      rows={minLines}
      className="font-mono text-base sm:text-[0.8125rem]"
      {...verbatim}
      autoCorrect="off"
      readOnly={readOnly}
      placeholder={placeholder}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      onKeyDown={(event) => {
        if (!onSubmit || event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
        event.preventDefault();
        onSubmit();
      }}
    />
  );
}
