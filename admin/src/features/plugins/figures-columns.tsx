/** The columns of the figures of all plugins, and their order. */
import { Link } from "@tanstack/react-router";
import type { LedgerRow } from "@/api/plugin-watch";
import { type Column, rowLinkProps } from "@/components/data-table";
import { formatBytes, formatMilliseconds, formatNumber, formatShare } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { paths } from "@/paths";
import { Badge } from "@/ui/badge";
import { axisWords } from "./axes";
import type { FiguresColumn, FiguresSort } from "./search";

/** What each column is sorted by. */
const values: Record<FiguresColumn, (row: LedgerRow) => number | string> = {
  name: ({ name }) => name,
  calls: ({ calls }) => calls,
  failures: ({ failures }) => failures,
  fuel: ({ fuel }) => fuel.p99,
  time: (row) => timeOf(row),
  memory: ({ memoryBytes }) => memoryBytes,
};

export const sortLabels: Record<FiguresColumn, PlainKey> = {
  name: "plugins.column.name",
  calls: "metrics.calls",
  failures: "metrics.failures",
  fuel: "metrics.fuel",
  time: "metrics.wall",
  memory: "figures.memory",
};

const columnOf = (sort: FiguresSort) => sort.replace("-", "") as FiguresColumn;

/** Names from A on, numbers from the largest on; once more turns it round. */
export function nextSort(sort: FiguresSort, column: FiguresColumn): FiguresSort {
  const first: FiguresSort = column === "name" ? "name" : `-${column}`;
  if (columnOf(sort) !== column || sort !== first) return first;
  return column === "name" ? "-name" : column;
}

export function sortFigures(rows: LedgerRow[], sort: FiguresSort): LedgerRow[] {
  const value = values[columnOf(sort)];
  const way = sort.startsWith("-") ? -1 : 1;
  const compare = (a: LedgerRow, b: LedgerRow) => {
    const [left, right] = [value(a), value(b)];
    const order = typeof left === "number" ? left - Number(right) : left.localeCompare(String(right));
    return way * order || a.name.localeCompare(b.name);
  };
  return [...rows].sort(compare);
}

export function figuresColumnList(
  sort: FiguresSort,
  onSort: (column: FiguresColumn) => void,
): Column<LedgerRow>[] {
  const direction = (column: FiguresColumn) =>
    columnOf(sort) !== column ? null : sort.startsWith("-") ? "descending" : "ascending";
  const head = (id: FiguresColumn) => ({
    id,
    header: t(sortLabels[id]),
    sort: { direction: direction(id), onSort: () => onSort(id) } as const,
  });
  return [
    {
      ...head("name"),
      cell: ({ id, name, version }) => (
        <span className="grid">
          <Link {...paths.plugin(id, "metrics")} {...rowLinkProps}>
            <span className="[overflow-wrap:anywhere]">{name}</span>
          </Link>
          <span className="whitespace-nowrap text-ink-soft text-xs">{t("plugin.version", { version })}</span>
        </span>
      ),
      className: "min-w-36",
      skeleton: "w-32",
      card: "title",
    },
    { ...head("calls"), cell: (row) => <Calls row={row} />, skeleton: "w-12", card: "line" },
    {
      ...head("failures"),
      cell: (row) => <Failures row={row} />,
      className: "min-w-36",
      skeleton: "w-16",
      card: "line",
    },
    {
      ...head("fuel"),
      cell: ({ fuel, calls }) => <Pair p50={fuel.p50} p99={fuel.p99} calls={calls} />,
      skeleton: "w-20",
      card: "line",
    },
    {
      ...head("time"),
      cell: (row) => <TimeSplit row={row} />,
      className: "w-36 xl:w-52",
      skeleton: "w-32",
      card: "line",
    },
    {
      ...head("memory"),
      cell: ({ memoryBytes, calls }) =>
        calls > 0 ? <span className="tabular-nums">{formatBytes(memoryBytes)}</span> : <Unknown />,
      // Where the others would have to be cut off for it; the page of the plugin tells it too.
      className: "max-xl:hidden",
      skeleton: "w-14",
      card: "line",
    },
  ];
}

function Unknown() {
  return (
    <span className="text-ink-soft">
      <span aria-hidden>—</span>
      <span className="sr-only">{t("plugins.notCalled")}</span>
    </span>
  );
}

function Calls({ row: { calls, refusals, skipped } }: { row: LedgerRow }) {
  const notes = [
    refusals > 0 && t("figures.refused", { count: refusals }),
    skipped > 0 && t("figures.skipped", { count: skipped }),
  ].filter((note) => note !== false);
  return (
    <span className="grid tabular-nums">
      {formatNumber(calls)}
      {notes.map((note) => (
        <span key={note} className="whitespace-nowrap text-ink-soft text-xs">
          {note}
        </span>
      ))}
    </span>
  );
}

/** By what ran out. */
function Failures({ row: { failures, errors } }: { row: LedgerRow }) {
  if (failures === 0) return <span className="text-ink-soft tabular-nums">{formatNumber(0)}</span>;
  return (
    <span className="flex flex-wrap gap-1 max-sm:justify-end">
      {Object.entries(errors)
        .filter(([, times]) => times > 0)
        .map(([axis, times]) => (
          <Badge key={axis} tone="danger" className="whitespace-normal">
            {t("metrics.axis", { axis: axisWords(axis), times })}
          </Badge>
        ))}
    </span>
  );
}

function Pair({ p50, p99, calls }: { p50: number; p99: number; calls: number }) {
  if (calls === 0) return <Unknown />;
  return (
    <span className="grid tabular-nums">
      <span>{formatNumber(p50)}</span>
      <span className="whitespace-nowrap text-ink-soft text-xs">
        {t("figures.p99", { value: formatNumber(p99) })}
      </span>
    </span>
  );
}

const timeOf = ({ guestMs, hostMs, queueMs }: LedgerRow) => guestMs + hostMs + queueMs.total;

/** Where the time of the calls went: the guest's own code, the host's functions, the wait for a thread. */
function TimeSplit({ row }: { row: LedgerRow }) {
  const whole = timeOf(row);
  if (row.calls === 0 || whole === 0) return <Unknown />;
  const parts = [
    { name: t("figures.guest"), ms: row.guestMs, colour: "bg-accent" },
    { name: t("figures.host"), ms: row.hostMs, colour: "bg-warning" },
    { name: t("figures.queue"), ms: row.queueMs.total, colour: "bg-ink-soft" },
  ].filter(({ ms }) => ms > 0);
  return (
    <span className="grid w-full min-w-28 gap-1 tabular-nums">
      <span>{formatMilliseconds(whole)}</span>
      <span aria-hidden className="flex h-1.5 overflow-hidden rounded-full bg-hover">
        {parts.map(({ name, ms, colour }) => (
          <span key={name} className={colour} style={{ width: `${(ms / whole) * 100}%` }} />
        ))}
      </span>
      <span className="flex flex-wrap gap-x-2 text-ink-soft text-xs max-sm:justify-end">
        {parts.map(({ name, ms, colour }) => (
          <span key={name} className="inline-flex items-center gap-1 whitespace-nowrap">
            <span aria-hidden className={`size-1.5 rounded-full ${colour}`} />
            {t("figures.part", { name, share: formatShare(ms / whole) })}
          </span>
        ))}
      </span>
    </span>
  );
}
