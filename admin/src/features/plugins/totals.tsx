import type { PluginMetrics } from "@/api/plugin-watch";
import { formatNumber } from "@/format";
import { t } from "@/i18n";
import { Card } from "@/ui/card";

type Counts = Pick<PluginMetrics["totals"], "calls" | "refusals" | "failures" | "skipped">;

/** How calls ended: of one plugin, or of all. */
export function Totals({ totals }: { totals: Counts }) {
  const facts = [
    { label: t("metrics.calls"), value: totals.calls },
    { label: t("metrics.refusals"), value: totals.refusals },
    { label: t("metrics.failures"), value: totals.failures, bad: totals.failures > 0 },
    { label: t("metrics.skipped"), value: totals.skipped },
  ];
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 px-5 py-4 sm:grid-cols-4">
        {facts.map(({ label, value, bad }) => (
          <div key={label} className="grid gap-0.5">
            <dt className="text-ink-soft text-xs">{label}</dt>
            <dd className={`font-semibold text-xl tabular-nums tracking-tight ${bad ? "text-danger" : ""}`}>
              {formatNumber(value)}
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
