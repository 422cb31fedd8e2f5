import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { MailCheck, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import {
  dropEvent,
  type OutboxRow,
  outboxKey,
  outboxQuery,
  replayEvent,
  replayEvents,
} from "@/api/plugin-watch";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { describeError } from "@/components/describe-error";
import { Moment } from "@/components/moment";
import { Section } from "@/components/page";
import { Pager } from "@/components/pager";
import { NoMatches, Notice, QueryView } from "@/components/query-view";
import { type PlainKey, t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Select } from "@/ui/select";
import { toast } from "@/ui/toast";
import { OutboxSheet } from "./outbox-sheet";
import type { PluginsSearch } from "./search";

const route = getRouteApi("/shell/plugins");
const perPage = 50;
const pauseMs = 5000;
const actions: Record<string, PlainKey> = {
  create: "realtime.create",
  update: "realtime.update",
  delete: "realtime.delete",
};

/** The events on their way to after-hooks: what waits, what was given up after many tries, and the way to try again. */
export function Outbox() {
  const queryClient = useQueryClient();
  const { state, page = 1, event } = route.useSearch();
  const navigate = route.useNavigate();
  const [leaving, setLeaving] = useState<OutboxRow | null>(null);
  const filter = state && `state = '${state}'`;
  const rows = useQuery({ ...outboxQuery({ page, perPage, filter }), refetchInterval: pauseMs });
  // With a filter for others, there may be dead ones that are not shown.
  const nothing = rows.data?.totalItems === 0 && state !== "pending";
  const query = { ...rows, isFetching: rows.isFetching && rows.data === undefined };
  const change = (part: Partial<PluginsSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...part }), replace: true });
  const refresh = () => queryClient.invalidateQueries({ queryKey: outboxKey });
  const tell = (error: Error) =>
    toast.error(describeError(error).title, { description: describeError(error).text });

  const replay = useMutation({
    mutationFn: ({ id }: OutboxRow) => replayEvent(id),
    onSuccess: async () => {
      await refresh();
      toast.success(t("outbox.replayed", { count: 1 }));
    },
    onError: tell,
  });
  const replayAll = useMutation({
    mutationFn: () => replayEvents("state = 'dead'"),
    onSuccess: async ({ replayed, gone }) => {
      await refresh();
      const leftOut = gone > 0 ? t("outbox.leftOut", { count: gone }) : undefined;
      if (replayed === 0 && leftOut) toast.error(leftOut);
      else toast.success(t("outbox.replayed", { count: replayed }), { description: leftOut });
    },
    onError: tell,
  });
  const drop = useMutation({
    mutationFn: ({ id }: OutboxRow) => dropEvent(id),
    onSuccess: async () => {
      await refresh();
      setLeaving(null);
    },
  });

  const columns = outboxColumns({
    pending: replay.isPending ? replay.variables.id : null,
    onReplay: (row) => replay.mutate(row),
    onDrop: (row) => {
      drop.reset();
      setLeaving(row);
    },
  });
  return (
    <Section
      title={t("outbox.title")}
      description={t("outbox.text")}
      actions={
        <div className="flex flex-wrap items-center gap-2">
          <Select
            aria-label={t("outbox.state")}
            value={state ?? ""}
            onChange={({ target }) =>
              change({ state: (target.value || undefined) as PluginsSearch["state"], page: undefined })
            }
          >
            <option value="">{t("outbox.any")}</option>
            <option value="pending">{t("outbox.pending")}</option>
            <option value="dead">{t("outbox.dead")}</option>
          </Select>
          <Button disabled={nothing} pending={replayAll.isPending} onClick={() => replayAll.mutate()}>
            <RotateCcw aria-hidden />
            {t("outbox.replayAll")}
          </Button>
        </div>
      }
    >
      <QueryView
        query={query}
        label={t("outbox.title")}
        skeleton={<DataTableSkeleton columns={columns} rows={4} />}
      >
        {({ items, totalItems }) => {
          if (items.length === 0 && state)
            return <NoMatches text="" onClear={() => change({ state: undefined })} />;
          if (items.length === 0) {
            return (
              <Notice icon={MailCheck} title={t("outbox.empty.title")}>
                {t("outbox.empty.text")}
              </Notice>
            );
          }
          return (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
              <DataTable label={t("outbox.title")} columns={columns} rows={items} rowKey={({ id }) => id} />
              <Pager
                page={page}
                perPage={perPage}
                shown={items.length}
                total={totalItems}
                onPage={(next) => change({ page: next > 1 ? next : undefined })}
              />
            </div>
          );
        }}
      </QueryView>
      <OutboxSheet id={event ?? null} onClose={() => change({ event: undefined })} />
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t("outbox.dropTitle")}
        description={
          leaving?.gone ? t("outbox.dropGone") : t("outbox.dropText", { plugin: leaving?.pluginName ?? "" })
        }
        confirm={t("outbox.drop")}
        onConfirm={() => leaving && drop.mutate(leaving)}
        pending={drop.isPending}
        error={drop.error}
      />
    </Section>
  );
}

interface RowActions {
  /** The id of the event that is being sent again. */
  pending: string | null;
  onReplay: (row: OutboxRow) => void;
  onDrop: (row: OutboxRow) => void;
}

function outboxColumns({ pending, onReplay, onDrop }: RowActions): Column<OutboxRow>[] {
  return [
    {
      id: "event",
      header: t("outbox.event"),
      cell: ({ id, action, collection, record }) => (
        <span className="grid">
          <Link
            from="/plugins"
            to="/plugins"
            search={(current: PluginsSearch) => ({ ...current, event: id })}
            resetScroll={false}
            className="font-medium underline-offset-4 hover:underline"
          >
            {`${actions[action] ? t(actions[action]) : action} · ${collection}`}
          </Link>
          <span className="font-mono text-ink-soft text-xs">{record}</span>
        </span>
      ),
      className: "min-w-48",
      skeleton: "w-40",
      card: "title",
    },
    {
      id: "plugin",
      header: t("plugins.column.name"),
      cell: ({ plugin, pluginName, gone }) =>
        gone ? (
          <span className="text-ink-soft">{t("outbox.gone")}</span>
        ) : (
          <Link {...paths.plugin(plugin, "log")} className="underline-offset-4 hover:underline">
            {pluginName}
          </Link>
        ),
      skeleton: "w-24",
      card: "line",
    },
    {
      id: "state",
      header: t("outbox.state"),
      cell: ({ state, attempts }) => (
        <span className="inline-flex flex-wrap items-center gap-2">
          <Badge tone={state === "dead" ? "danger" : "accent"}>
            {t(state === "dead" ? "outbox.dead" : "outbox.pending")}
          </Badge>
          {attempts > 0 && (
            <span className="text-ink-soft text-xs">{t("outbox.attempts", { count: attempts })}</span>
          )}
        </span>
      ),
      className: "w-40",
      skeleton: "w-20",
      card: "aside",
    },
    {
      id: "error",
      header: t("outbox.error"),
      cell: ({ error }) => (
        <span className="line-clamp-2 text-ink-soft [overflow-wrap:anywhere]">
          {error || t("value.none")}
        </span>
      ),
      className: "max-lg:hidden",
      skeleton: "w-40",
      card: "line",
    },
    {
      id: "due",
      header: t("outbox.due"),
      cell: ({ due }) => (due ? <Moment value={due} /> : t("outbox.never")),
      className: "w-32 whitespace-nowrap text-ink-soft",
      skeleton: "w-16",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (row) => (
        <span className="inline-flex gap-1">
          {!row.gone && (
            <Button
              size="icon-sm"
              variant="ghost"
              pending={pending === row.id}
              aria-label={t("outbox.replayOf", { record: row.record })}
              onClick={() => onReplay(row)}
            >
              {pending !== row.id && <RotateCcw aria-hidden />}
            </Button>
          )}
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("outbox.dropOf", { record: row.record })}
            className="hover:bg-danger-soft hover:text-danger"
            onClick={() => onDrop(row)}
          >
            <Trash2 aria-hidden />
          </Button>
        </span>
      ),
      className: "w-24 text-right",
      skeleton: "w-12",
      card: "line",
    },
  ];
}
