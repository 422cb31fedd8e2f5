import { ChevronRight } from "lucide-react";
import { CopyButton } from "@/components/copy-button";
import { t } from "@/i18n";

/** The request that does the same, folded: to look at, or to keep as the migration of another server. */
export function AsRequest({ text }: { text: string }) {
  return (
    <details className="group min-w-0 text-sm">
      <summary className="flex min-h-8 w-fit items-center gap-1.5 rounded text-ink-soft marker:content-none hover:text-ink">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        {t("review.request")}
      </summary>
      <div className="relative mt-1.5">
        <pre
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard.
          tabIndex={0}
          className="max-h-64 overflow-auto rounded-lg bg-sunken px-3 py-2.5 pr-10 font-mono text-xs leading-5"
        >
          {text}
        </pre>
        <CopyButton value={text} what={t("review.requestWhat")} className="absolute top-1.5 right-1.5" />
      </div>
      <p className="mt-1.5 text-ink-soft text-xs leading-5">{t("review.requestText")}</p>
    </details>
  );
}
