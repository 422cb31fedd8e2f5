import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { RotateCw, ScrollText, Trash2 } from "lucide-react";
import { useId, useState } from "react";
import { clearLogs, type LogRow, logKeys, logStatsQuery, logsQuery } from "@/api/logs";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { type Column, rowLinkProps } from "@/components/data-table";
import { Moment } from "@/components/moment";
import { TypedFilter } from "@/components/typed-filter";
import { formatMilliseconds } from "@/format";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Label } from "@/ui/label";
import { Select } from "@/ui/select";
import { Switch } from "@/ui/switch";
import { toast } from "@/ui/toast";
import { Found, perPage } from "./found";
import { LogChart } from "./log-chart";
import { barsOf, chartFilter, listFilter } from "./log-filter";
import { LogSheet } from "./log-sheet";
import { type LogsSearch, type Outcome, outcomes, type Span, spans } from "./search";
import { useNow } from "./use-now";

const route = getRouteApi("/shell/logs");

const pauseMs = 2000;

const spanLabels = { day: "requests.day", threeDays: "requests.threeDays", week: "requests.week" } as const;
const outcomeLabels = {
  failed: "requests.failed",
  refused: "requests.refused",
  slow: "requests.slow",
} as const;

/** The requests of the last days: how many when, and each of them. */
export function Requests() {
  const search = route.useSearch();
  const { span = "day", outcome, filter = "", from, page = 1, entry } = search;
  const navigate = route.useNavigate();
  const [live, setLive] = useState(false);
  const now = useNow();
  const refetchInterval = live ? pauseMs : (false as const);

  const stats = useQuery({ ...logStatsQuery(chartFilter(search, now)), refetchInterval });
  const logs = useQuery({
    ...logsQuery({ page, perPage, filter: listFilter(search, now) }),
    refetchInterval,
  });
  // What is fetched every other second needs no sign that it is.
  const query = live ? { ...logs, isFetching: false } : logs;

  const change = (next: LogsSearch) =>
    void navigate({ search: (current) => ({ ...current, page: undefined, ...next }), replace: true });
  const clear = () => change({ filter: undefined, outcome: undefined, from: undefined });

  const columns: Column<LogRow>[] = [
    {
      id: "status",
      header: t("requests.status"),
      cell: ({ data }) => <Badge tone={statusTone(Number(data.status))}>{String(data.status ?? "")}</Badge>,
      className: "w-20",
      skeleton: "w-10",
      card: "aside",
    },
    {
      id: "request",
      header: t("requests.request"),
      cell: ({ id, data, message }) => (
        <Link
          from="/logs"
          to="/logs"
          search={(current: LogsSearch) => ({ ...current, entry: id })}
          resetScroll={false}
          {...rowLinkProps}
        >
          <span className="block font-mono text-[0.8125rem] max-sm:line-clamp-2 max-sm:[overflow-wrap:anywhere] sm:truncate">
            {data.url ? `${data.method} ${data.url}` : message}
          </span>
        </Link>
      ),
      // As wide as what the others leave, so that a long address is cut short and not the table made wider.
      className: "w-full max-w-0",
      skeleton: "w-72",
      card: "title",
    },
    {
      id: "who",
      header: t("requests.who"),
      cell: ({ data }) => <span className="text-ink-soft">{String(data.auth || t("requests.guest"))}</span>,
      className: "whitespace-nowrap",
      skeleton: "w-16",
      card: "line",
    },
    {
      id: "time",
      header: t("requests.took"),
      cell: ({ data }) =>
        typeof data.execTime === "number" ? formatMilliseconds(data.execTime) : t("value.none"),
      className: "whitespace-nowrap text-right tabular-nums text-ink-soft",
      skeleton: "w-12",
      card: "line",
    },
    {
      id: "created",
      header: t("requests.when"),
      cell: ({ created }) => <Moment value={created} />,
      className: "whitespace-nowrap text-right text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
  ];

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div className="flex flex-wrap items-start gap-2">
        <TypedFilter
          label={t("requests.filter")}
          placeholder={t("requests.filterHint")}
          value={filter}
          onCommit={(text) => change({ filter: text || undefined })}
        />
        <Tools
          search={search}
          live={live}
          onLive={setLive}
          onChange={change}
          onRefresh={() => void logs.refetch()}
        />
      </div>
      {stats.data && (
        <LogChart
          key={span}
          bars={barsOf(stats.data, span, now)}
          chosenMs={from ? Date.parse(from) : null}
          onChoose={(bar) => change({ from: bar ? new Date(bar.startMs).toISOString() : undefined })}
        />
      )}
      <Found
        query={query}
        label={t("requests.title")}
        columns={columns}
        filter={filter}
        narrowed={Boolean(filter || outcome || from)}
        onClear={clear}
        empty={{ icon: ScrollText, title: t("requests.empty"), text: t("requests.emptyText") }}
        page={page}
        onPage={(next) => change({ page: next })}
      />
      <LogSheet
        id={entry}
        onClose={() =>
          void navigate({ search: (current) => ({ ...current, entry: undefined }), replace: true })
        }
        onFilter={(text) => change({ filter: text, entry: undefined })}
      />
    </div>
  );
}

function statusTone(status: number) {
  if (status >= 500) return "danger";
  if (status >= 400) return "warning";
  return status >= 300 ? "outline" : "success";
}

interface ToolsProps {
  search: LogsSearch;
  live: boolean;
  onLive: (live: boolean) => void;
  onChange: (next: LogsSearch) => void;
  onRefresh: () => void;
}

function Tools({ search: { span = "day", outcome }, live, onLive, onChange, onRefresh }: ToolsProps) {
  const queryClient = useQueryClient();
  const liveId = useId();
  const [asking, setAsking] = useState(false);
  const empty = useMutation({
    mutationFn: clearLogs,
    onSuccess: async () => {
      setAsking(false);
      toast.success(t("requests.cleared"));
      await queryClient.invalidateQueries({ queryKey: logKeys });
    },
  });
  return (
    <div className="flex flex-wrap items-center gap-2 sm:ml-auto">
      <Select
        aria-label={t("requests.outcome")}
        className="w-auto"
        value={outcome ?? ""}
        onChange={(event) => onChange({ outcome: (event.target.value || undefined) as Outcome | undefined })}
      >
        <option value="">{t("requests.all")}</option>
        {outcomes.map((each) => (
          <option key={each} value={each}>
            {t(outcomeLabels[each])}
          </option>
        ))}
      </Select>
      <Select
        aria-label={t("requests.span")}
        className="w-auto"
        value={span}
        onChange={(event) => onChange({ span: event.target.value as Span, from: undefined })}
      >
        {spans.map((each) => (
          <option key={each} value={each}>
            {t(spanLabels[each])}
          </option>
        ))}
      </Select>
      <span className="flex items-center gap-2 px-1">
        <Switch id={liveId} checked={live} onCheckedChange={onLive} />
        <Label htmlFor={liveId}>{t("logs.live")}</Label>
      </span>
      <Button size="icon" aria-label={t("records.refresh")} title={t("records.refresh")} onClick={onRefresh}>
        <RotateCw aria-hidden />
      </Button>
      <Button
        size="icon"
        aria-label={t("requests.clear")}
        title={t("requests.clear")}
        onClick={() => {
          empty.reset();
          setAsking(true);
        }}
      >
        <Trash2 aria-hidden />
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("requests.clearTitle")}
        description={t("requests.clearText")}
        confirm={t("requests.clear")}
        onConfirm={() => empty.mutate()}
        pending={empty.isPending}
        error={empty.error}
      />
    </div>
  );
}
