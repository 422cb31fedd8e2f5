import { useQuery } from "@tanstack/react-query";
import { Activity } from "lucide-react";
import { routeQuery, schedulesQuery } from "@/api/plugin-moments";
import { type HookFigures, metricsQuery } from "@/api/plugin-watch";
import { attachmentsQuery } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { formatBytes, formatMilliseconds, formatNumber } from "@/format";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { axisWords } from "./axes";
import { BreakerList } from "./breaker";
import { Gauge } from "./gauge";
import { hookLabel, isClocked, isRouted } from "./hooks";
import { type LeastLimits, leastLimits } from "./limits";
import { Totals } from "./totals";

const pauseMs = 3000;
const mib = 1_048_576;

/** How the calls of a plugin went, hook by hook, against what they may use. */
export function Metrics({ plugin }: { plugin: Plugin }) {
  const metrics = useQuery({ ...metricsQuery(plugin.id), refetchInterval: pauseMs });
  const attachments = useQuery(attachmentsQuery(plugin.id));
  const schedules = useQuery({ ...schedulesQuery(plugin.id), enabled: isClocked(plugin.exports) });
  const route = useQuery({ ...routeQuery(plugin.id), enabled: isRouted(plugin.exports) });
  const limits = leastLimits([
    ...(attachments.data ?? []),
    ...(schedules.data ?? []),
    ...(route.data ? [route.data] : []),
  ]);
  // What is fetched every few seconds needs no sign that it is.
  const query = { ...metrics, isFetching: metrics.isFetching && metrics.data === undefined };
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
      <BreakerList plugin={plugin} />
      <Section title={t("metrics.title")} description={t("metrics.text")}>
        <QueryView query={query} label={t("metrics.title")} skeleton={<Skeleton className="h-32 w-full" />}>
          {(data) =>
            data.hooks.every(({ calls }) => calls === 0) ? (
              <Notice icon={Activity} title={t("metrics.empty.title")} className="py-8">
                {t("metrics.empty.text")}
              </Notice>
            ) : (
              <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
                <Totals totals={data.totals} />
                {data.hooks
                  .filter(({ calls }) => calls > 0)
                  .map((figures) => (
                    <HookCard
                      key={`${figures.version}/${figures.hook}`}
                      figures={figures}
                      limits={limits[figures.hook]}
                      current={figures.version === plugin.version}
                    />
                  ))}
              </div>
            )
          }
        </QueryView>
      </Section>
    </div>
  );
}

interface HookCardProps {
  figures: HookFigures;
  limits: LeastLimits | undefined;
  current: boolean;
}

function HookCard({ figures, limits, current }: HookCardProps) {
  const { hook, version, calls, refusals, failures, errors, fuel, wallMs, memoryBytes, hostCalls } = figures;
  const label = hookLabel(hook);
  const axes = Object.entries(errors).filter(([, count]) => count > 0);
  return (
    <Card className="grid gap-4 px-5 py-4">
      <header className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-medium">{label ? t(label) : hook}</h3>
        {!current && <Badge tone="outline">{t("plugin.version", { version })}</Badge>}
        {axes.map(([axis, count]) => (
          <Badge key={axis} tone="danger">
            {t("metrics.axis", { axis: axisWords(axis), times: count })}
          </Badge>
        ))}
        <span className="text-ink-soft text-sm tabular-nums max-sm:w-full sm:ml-auto">
          {t("metrics.summary", { calls, refusals, failures })}
        </span>
      </header>
      <div className="grid gap-x-8 gap-y-3 sm:grid-cols-2">
        <Gauge
          label={t("metrics.fuel")}
          middle={fuel.p50}
          value={fuel.p99}
          limit={limits?.fuel}
          format={formatNumber}
        />
        <Gauge
          label={t("metrics.wall")}
          middle={wallMs.p50}
          value={wallMs.p99}
          limit={limits?.wallMs}
          format={formatMilliseconds}
        />
        <Gauge
          label={t("metrics.memory")}
          value={memoryBytes}
          limit={limits && limits.memoryMb * mib}
          format={formatBytes}
        />
        <Gauge
          label={t("metrics.hostCalls")}
          value={calls > 0 ? hostCalls / calls : 0}
          limit={limits?.hostCalls || undefined}
          format={(value) => formatNumber(Math.round(value * 10) / 10)}
        />
      </div>
    </Card>
  );
}
