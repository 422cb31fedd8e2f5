import { formatAgo, formatMoment, parseMoment } from "@/format";
import { t } from "@/i18n";

/** A moment as a person would say it, exact on hover. */
export function Moment({ value }: { value: string }) {
  const moment = parseMoment(value);
  if (!moment) return <span>{t("time.unknown")}</span>;
  return (
    <time dateTime={moment.toISOString()} title={formatMoment(moment)}>
      {formatAgo(moment, new Date())}
    </time>
  );
}
