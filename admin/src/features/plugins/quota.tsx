import type { PluginLedger } from "@/api/plugin-watch";
import { Code } from "@/components/code";
import { Section } from "@/components/page";
import { formatDuration, formatNumber } from "@/format";
import { t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Card } from "@/ui/card";
import { Gauge } from "./gauge";

/** The fuel that all plugins may burn in a second, and what an answer for want of it means. */
export function QuotaCard({ quota: { fuelPerSecond, fuelLeft, refused } }: { quota: PluginLedger["quota"] }) {
  return (
    <Section title={t("quota.title")} description={fuelPerSecond === null ? undefined : t("quota.text")}>
      <Card className="grid gap-4 px-5 py-4">
        {fuelPerSecond === null ? (
          <p className="text-sm">
            {t("quota.none")} <Code className="whitespace-nowrap">--plugin-fuel-per-second</Code>
          </p>
        ) : (
          <Used perSecond={fuelPerSecond} left={fuelLeft ?? fuelPerSecond} refused={refused} />
        )}
      </Card>
    </Section>
  );
}

function Used({ perSecond, left, refused }: { perSecond: number; left: number; refused: number }) {
  const waitS = Math.ceil(-left / Math.max(1, perSecond));
  return (
    <>
      {left < 0 && (
        <Alert tone="warning" title={t("quota.over")}>
          {t("quota.wait", { time: formatDuration(waitS) })}
        </Alert>
      )}
      <Gauge
        label={t("quota.used")}
        value={Math.max(0, perSecond - left)}
        limit={perSecond}
        format={formatNumber}
      />
      <p className="text-ink-soft text-sm">
        <span className={refused > 0 ? "font-medium text-danger" : "font-medium text-ink"}>
          {t("quota.refused", { count: refused })}
        </span>{" "}
        {t("quota.means")} <Code className="whitespace-nowrap">429 plugin_quota</Code>
      </p>
    </>
  );
}
