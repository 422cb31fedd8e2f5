import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Unplug } from "lucide-react";
import { type RealtimeClient, realtimeClientsQuery } from "@/api/realtime-clients";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { Moment } from "@/components/moment";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { formatBytes } from "@/format";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";

const pauseMs = 3000;
const topicsMax = 4;

const columns: Column<RealtimeClient>[] = [
  {
    id: "who",
    header: t("requests.who"),
    cell: ({ auth, ip }) => (
      <span className="grid">
        <span className="font-medium [overflow-wrap:anywhere]">
          {auth.id ? `${auth.collectionName}/${auth.id}` : t("requests.guest")}
        </span>
        <span className="font-mono text-ink-soft text-xs">{ip}</span>
      </span>
    ),
    skeleton: "w-32",
    card: "title",
  },
  {
    id: "transport",
    header: t("clients.transport"),
    cell: ({ transport }) => (
      <Badge tone="outline">{t(transport === "sse" ? "clients.sse" : "clients.websocket")}</Badge>
    ),
    className: "w-28",
    skeleton: "w-16",
    card: "aside",
  },
  {
    id: "topics",
    header: t("realtime.topics"),
    cell: ({ topics, topicCount }) => (
      <span className="flex flex-wrap gap-1">
        {topics.slice(0, topicsMax).map((topic) => (
          <Badge key={topic} className="font-mono [overflow-wrap:anywhere]">
            {topic}
          </Badge>
        ))}
        {topicCount > topicsMax && (
          <Badge tone="outline">{t("plugins.more", { count: topicCount - topicsMax })}</Badge>
        )}
        {topicCount === 0 && <span className="text-ink-soft">{t("value.none")}</span>}
      </span>
    ),
    skeleton: "w-40",
    card: "line",
  },
  {
    id: "waiting",
    header: t("clients.waiting"),
    cell: ({ waitingMessages, waitingBytes }) =>
      waitingMessages > 0
        ? t("clients.waitingOf", { count: waitingMessages, size: formatBytes(waitingBytes) })
        : t("value.none"),
    className: "w-44 text-ink-soft tabular-nums lg:whitespace-nowrap",
    skeleton: "w-16",
    card: "line",
  },
  {
    id: "connected",
    header: t("clients.since"),
    cell: ({ connected }) => <Moment value={connected} />,
    className: "w-32 whitespace-nowrap text-ink-soft",
    skeleton: "w-16",
    card: "line",
  },
];

/** Who is connected at this moment: in whose name, to what, and what waits for them. */
export function Clients() {
  const clients = useQuery({
    ...realtimeClientsQuery(),
    refetchInterval: pauseMs,
    placeholderData: keepPreviousData,
  });
  // What is fetched every few seconds needs no sign that it is.
  const query = { ...clients, isFetching: clients.isFetching && clients.data === undefined };
  return (
    <Section title={t("clients.title")} description={t("clients.text")}>
      <QueryView
        query={query}
        label={t("clients.title")}
        skeleton={<DataTableSkeleton columns={columns} rows={3} />}
      >
        {({ items, totalItems }) =>
          items.length === 0 ? (
            <Notice icon={Unplug} title={t("clients.none")} className="py-8">
              {t("clients.noneText")}
            </Notice>
          ) : (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
              <DataTable label={t("clients.title")} columns={columns} rows={items} rowKey={({ id }) => id} />
              {totalItems > items.length && (
                <p className="text-ink-soft text-sm">
                  {t("clients.more", { count: totalItems - items.length })}
                </p>
              )}
            </div>
          )
        }
      </QueryView>
    </Section>
  );
}
