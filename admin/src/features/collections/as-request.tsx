import { CopyBlock } from "@/components/copy-block";
import { t } from "@/i18n";
import { Folded } from "@/ui/folded";

/** The request that does the same, folded: to look at, or to keep as the migration of another server. */
export function AsRequest({ text }: { text: string }) {
  return (
    <Folded title={t("review.request")}>
      <CopyBlock text={text} what={t("review.requestWhat")} />
      <p className="mt-1.5 text-ink-soft text-xs leading-5">{t("review.requestText")}</p>
    </Folded>
  );
}
