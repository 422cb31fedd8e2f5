import { useQuery } from "@tanstack/react-query";
import { CircleCheck, OctagonAlert, TriangleAlert } from "lucide-react";
import { useEffect, useRef } from "react";
import { type Stats, statsPauseMs, statsQuery } from "@/api/system";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { formatBytes, formatDuration, formatMilliseconds, formatNumber, formatShare } from "@/format";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { type Condition, findings, processorShare } from "./health";

const looks = {
  good: { icon: CircleCheck, tone: "text-success" },
  watch: { icon: TriangleAlert, tone: "text-warning" },
  bad: { icon: OctagonAlert, tone: "text-danger" },
} as const satisfies Record<Condition, { icon: typeof CircleCheck; tone: string }>;

/** How the server is: what is wrong in words, and the figures of now. */
export function HealthCard() {
  const stats = useQuery({ ...statsQuery(), refetchInterval: statsPauseMs });
  // What is fetched every few seconds needs no sign that it is.
  const query = { ...stats, isFetching: stats.isFetching && stats.data === undefined };
  const earlier = useRef<Stats | undefined>(undefined);
  const { data } = stats;
  useEffect(() => {
    return () => {
      earlier.current = data;
    };
  }, [data]);
  return (
    <Section
      title={t("health.title")}
      description={data && t("health.uptime", { time: formatDuration(data.uptimeS) })}
    >
      <QueryView query={query} label={t("health.title")} skeleton={<Skeleton className="h-40 w-full" />}>
        {(now) => (
          <Card className="grid gap-4 px-5 py-4">
            <Findings stats={now} />
            <Figures stats={now} earlier={earlier.current} />
          </Card>
        )}
      </QueryView>
    </Section>
  );
}

function Findings({ stats }: { stats: Stats }) {
  const found = findings(stats);
  const lines = found.length > 0 ? found : [{ condition: "good" as const, text: t("health.good") }];
  return (
    <ul aria-label={t("health.found")} className="grid gap-1">
      {lines.map(({ condition, text }) => {
        const { icon: Icon, tone } = looks[condition];
        return (
          <li key={text} className="flex items-center gap-2 font-medium text-sm">
            <Icon aria-hidden className={`size-4 shrink-0 ${tone}`} />
            {text}
          </li>
        );
      })}
    </ul>
  );
}

function Figures({ stats, earlier }: { stats: Stats; earlier: Stats | undefined }) {
  const { requests, process, connections, database, storage, outbox } = stats;
  const { lastMinute } = requests;
  const busy = processorShare(earlier, stats);
  const unknown = t("value.none");
  const figures: [string, string, string?][] = [
    [
      t("health.latency"),
      [lastMinute.latencyMs.p50, lastMinute.latencyMs.p95, lastMinute.latencyMs.p99]
        .map(formatMilliseconds)
        .join(" · "),
      t("health.latencyNote"),
    ],
    [
      t("health.rate"),
      formatNumber(Math.round(lastMinute.perSecond * 10) / 10),
      t("health.lastMinute", { count: lastMinute.total }),
    ],
    [
      t("health.memory"),
      process.memoryBytes === null ? unknown : formatBytes(process.memoryBytes),
      process.memoryPeakBytes === null
        ? undefined
        : t("health.peak", { size: formatBytes(process.memoryPeakBytes) }),
    ],
    [t("health.processor"), formatShare(busy), t("health.cores", { count: process.cores })],
    [
      t("health.database"),
      formatBytes(database.bytes),
      t("health.wal", { size: formatBytes(database.walBytes) }),
    ],
    [t("health.files"), formatBytes(storage.bytes), storage.kind === "s3" ? t("health.bucket") : undefined],
    [
      t("health.sockets"),
      formatNumber(connections.http),
      t("health.listening", { count: connections.realtime }),
    ],
    [t("health.outbox"), formatNumber(outbox.pending)],
  ];
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-4 md:grid-cols-4">
      {figures.map(([name, value, note]) => (
        // Three figures need the whole width of a phone.
        <div key={name} className="grid content-start gap-0.5 max-md:first:col-span-2">
          <dt className="text-ink-soft text-xs">{name}</dt>
          <dd className="grid">
            <span className="font-semibold text-base tabular-nums tracking-tight">{value}</span>
            {note && <span className="text-ink-soft text-xs tabular-nums">{note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
