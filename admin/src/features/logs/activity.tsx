import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { History } from "lucide-react";
import { type ActivityEntry, activityQuery } from "@/api/logs";
import { actionLabel, actionTone, activityKinds, kindLabel, whoActed } from "@/components/activity-words";
import { type Column, rowLinkProps } from "@/components/data-table";
import { Moment } from "@/components/moment";
import { TypedFilter } from "@/components/typed-filter";
import { t } from "@/i18n";
import { Badge } from "@/ui/badge";
import { Select } from "@/ui/select";
import { ActivitySheet } from "./activity-sheet";
import { Found, perPage } from "./found";
import { activityFilter } from "./log-filter";
import type { LogsSearch } from "./search";

const route = getRouteApi("/shell/logs");

/** Who changed what, the latest first. */
export function Activity() {
  const search = route.useSearch();
  const { filter = "", kind, page = 1, entry } = search;
  const navigate = route.useNavigate();
  const activity = useQuery(activityQuery({ page, perPage, filter: activityFilter(search) }));
  const change = (next: LogsSearch) =>
    void navigate({ search: (current) => ({ ...current, page: undefined, ...next }), replace: true });
  const clear = () => change({ filter: undefined, kind: undefined });

  const columns: Column<ActivityEntry>[] = [
    {
      id: "action",
      header: t("activity.action"),
      cell: ({ action }) => <Badge tone={actionTone(action)}>{actionLabel(action)}</Badge>,
      className: "w-28",
      skeleton: "w-14",
      card: "aside",
    },
    {
      id: "what",
      header: t("activity.what"),
      cell: (row) => (
        <Link
          from="/logs"
          to="/logs"
          search={(current: LogsSearch) => ({ ...current, entry: row.id })}
          resetScroll={false}
          {...rowLinkProps}
        >
          <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
            <span className="text-ink-soft">{kindLabel(row.kind)}</span>
            <span className="[overflow-wrap:anywhere]">{row.name || row.subject}</span>
            {row.name !== "" && row.subject !== row.name && (
              <span className="font-mono font-normal text-ink-soft text-xs">{row.subject}</span>
            )}
          </span>
        </Link>
      ),
      skeleton: "w-56",
      card: "title",
    },
    {
      id: "who",
      header: t("requests.who"),
      cell: (row) => <span className="text-ink-soft [overflow-wrap:anywhere]">{whoActed(row)}</span>,
      className: "w-56",
      skeleton: "w-24",
      card: "line",
    },
    {
      id: "created",
      header: t("requests.when"),
      cell: ({ created }) => <Moment value={created} />,
      className: "w-36 whitespace-nowrap text-right text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
  ];

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
      <div className="flex flex-wrap items-start gap-2">
        <TypedFilter
          label={t("activity.filter")}
          placeholder={t("activity.filterHint")}
          value={filter}
          onCommit={(text) => change({ filter: text || undefined })}
        />
        <Select
          aria-label={t("activity.kind")}
          className="ml-auto w-auto"
          value={kind ?? ""}
          onChange={(event) => change({ kind: event.target.value || undefined })}
        >
          <option value="">{t("activity.allKinds")}</option>
          {activityKinds.map((each) => (
            <option key={each} value={each}>
              {kindLabel(each)}
            </option>
          ))}
        </Select>
      </div>
      <Found
        query={activity}
        label={t("activity.title")}
        columns={columns}
        filter={filter}
        narrowed={Boolean(filter || kind)}
        onClear={clear}
        empty={{ icon: History, title: t("activity.empty"), text: t("activity.emptyText") }}
        page={page}
        onPage={(next) => change({ page: next })}
      />
      <ActivitySheet
        id={entry}
        onClose={() =>
          void navigate({ search: (current) => ({ ...current, entry: undefined }), replace: true })
        }
      />
    </div>
  );
}
