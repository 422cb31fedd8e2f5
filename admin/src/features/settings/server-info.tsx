import { useQuery } from "@tanstack/react-query";
import { type SystemInfo, systemInfoQuery } from "@/api/system";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { formatDuration, formatNumber } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";

const durabilities: Record<string, PlainKey> = { full: "server.durable", normal: "server.normal" };

/** What the server is: its version, what it is made of, how it was begun, and what it refuses to go beyond. */
export function ServerInfo() {
  const info = useQuery(systemInfoQuery());
  return (
    <QueryView query={info} label={t("server.title")} skeleton={<Skeleton className="h-64 w-full" />}>
      {(known) => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
          <Section title={t("server.title")} description={t("server.text")}>
            <Facts info={known} />
          </Section>
          <Section title={t("server.limits")} description={t("server.limitsText")}>
            <Limits limits={known.limits} />
          </Section>
        </div>
      )}
    </QueryView>
  );
}

function Facts({ info }: { info: SystemInfo }) {
  const { version, engine, platform, uptimeS, durability, workers, databaseThreads, pluginThreads } = info;
  const durable = durabilities[durability];
  const facts: [string, string][] = [
    [t("server.version"), version],
    [t("server.database"), engine.database],
    [t("server.plugins"), engine.plugins],
    [t("server.platform"), platform],
    [t("server.uptime"), formatDuration(uptimeS)],
    [t("server.durability"), durable ? t(durable) : durability],
    [t("server.workers"), formatNumber(workers)],
    [t("server.databaseThreads"), formatNumber(databaseThreads)],
    [t("server.pluginThreads"), formatNumber(pluginThreads)],
  ];
  return (
    <Card>
      <dl className="grid grid-cols-2 gap-x-6 gap-y-4 px-5 py-4 md:grid-cols-3">
        {facts.map(([name, value]) => (
          <div key={name} className="grid content-start gap-0.5">
            <dt className="text-ink-soft text-xs">{name}</dt>
            <dd className="font-medium tabular-nums [overflow-wrap:anywhere]">{value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}

function Limits({ limits }: { limits: Record<string, number> }) {
  return (
    <Card className="overflow-hidden">
      <dl className="grid gap-x-8 px-5 py-2 sm:grid-cols-2">
        {Object.entries(limits).map(([name, value]) => (
          <div key={name} className="flex items-baseline justify-between gap-4 py-1.5">
            <dt className="min-w-0 font-mono text-ink-soft text-xs [overflow-wrap:anywhere]">{name}</dt>
            <dd className="text-sm tabular-nums">{formatNumber(value)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
