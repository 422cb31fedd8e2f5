import { t } from "@/i18n";
import { cn } from "@/ui/cn";

interface GaugeProps {
  label: string;
  /** What was used, in the unit of the limit. */
  value: number;
  limit: number | undefined;
  format: (value: number) => string;
  /** What was used in the middle, where `value` is the upper end of many. */
  middle?: number;
  className?: string;
}

/** From this share of a limit on it is worth a look. */
const highShare = 0.8;

/** What was used of what there is, as a bar and in words. */
export function Gauge({ label, value, limit, format, middle, className }: GaugeProps) {
  const share = limit ? Math.min(1, value / limit) : 0;
  const high = share >= highShare;
  const words = limit
    ? t("gauge.of", { used: format(value), limit: format(limit) })
    : t("gauge.used", { used: format(value) });
  return (
    <div className={cn("grid gap-1", className)}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-3 text-xs">
        <span className="text-ink-soft">{label}</span>
        <span className={cn("ml-auto text-right tabular-nums", high && "font-medium text-danger")}>
          {middle !== undefined && <span className="text-ink-soft">{`${format(middle)} · `}</span>}
          {words}
        </span>
      </div>
      {limit !== undefined && (
        <div aria-hidden className="relative h-1.5 overflow-hidden rounded-full bg-hover">
          <span
            className={cn("absolute inset-y-0 left-0 rounded-full", high ? "bg-danger" : "bg-accent/55")}
            style={{ width: `${share * 100}%` }}
          />
          {middle !== undefined && (
            <span
              className={cn("absolute inset-y-0 left-0 rounded-full", !high && "bg-accent")}
              style={{ width: `${Math.min(1, middle / limit) * 100}%` }}
            />
          )}
        </div>
      )}
    </div>
  );
}
