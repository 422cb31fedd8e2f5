import { CopyButton } from "@/components/copy-button";
import { t } from "@/i18n";
import { Folded } from "@/ui/folded";

/** The request that does the same, folded: to look at, or to keep as the migration of another server. */
export function AsRequest({ text }: { text: string }) {
  return (
    <Folded title={t("review.request")}>
      <div className="relative">
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
          tabIndex={0}
          className="max-h-64 overflow-auto rounded-lg bg-sunken px-3 py-2.5 pr-10 font-mono text-xs leading-5"
        >
          {text}
        </pre>
        <CopyButton
          value={text}
          what={t("review.requestWhat")}
          className="absolute top-1.5 right-1.5 bg-sunken"
        />
      </div>
      <p className="mt-1.5 text-ink-soft text-xs leading-5">{t("review.requestText")}</p>
    </Folded>
  );
}
