import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { Activity } from "lucide-react";
import { useId } from "react";
import { ledgerQuery } from "@/api/plugin-watch";
import { statsPauseMs } from "@/api/system";
import { DataTable } from "@/components/data-table";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { useWide } from "@/components/use-media";
import { t } from "@/i18n";
import { Select } from "@/ui/select";
import { Skeleton } from "@/ui/skeleton";
import { figuresColumnList, nextSort, sortFigures, sortLabels } from "./figures-columns";
import { QuotaCard } from "./quota";
import { type FiguresSort, figuresColumns, figuresSortUsual } from "./search";
import { Totals } from "./totals";

const route = getRouteApi("/shell/plugins");

/** What the plugins have used, side by side, and what is left of what they may use together. */
export function Figures() {
  const { sort = figuresSortUsual } = route.useSearch();
  const navigate = route.useNavigate();
  const wide = useWide();
  const ledger = useQuery({ ...ledgerQuery(), refetchInterval: statsPauseMs });
  // What is fetched every few seconds needs no sign that it is.
  const query = { ...ledger, isFetching: ledger.isFetching && ledger.data === undefined };
  const onSort = (next: FiguresSort) =>
    void navigate({
      search: (current) => ({ ...current, sort: next === figuresSortUsual ? undefined : next }),
      replace: true,
      resetScroll: false,
    });
  const columns = figuresColumnList(sort, (column) => onSort(nextSort(sort, column)));

  return (
    <QueryView query={query} label={t("figures.title")} skeleton={<Skeleton className="h-64 w-full" />}>
      {({ plugins, quota, totals }) => (
        <div className="grid grid-cols-[minmax(0,1fr)] gap-8">
          <QuotaCard quota={quota} />
          <Section
            title={t("figures.title")}
            description={t("figures.text")}
            actions={!wide && plugins.length > 1 && <SortSelect sort={sort} onSort={onSort} />}
          >
            {plugins.length === 0 ? (
              <Notice icon={Activity} title={t("metrics.empty.title")} className="py-8">
                {t("figures.empty")}
              </Notice>
            ) : (
              <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
                <Totals totals={totals} />
                <DataTable
                  label={t("figures.title")}
                  columns={columns}
                  rows={sortFigures(plugins, sort)}
                  rowKey={({ id }) => id}
                />
              </div>
            )}
          </Section>
        </div>
      )}
    </QueryView>
  );
}

/** Cards have no headers to press. */
function SortSelect({ sort, onSort }: { sort: FiguresSort; onSort: (sort: FiguresSort) => void }) {
  const id = useId();
  return (
    <div className="flex items-center gap-2">
      <label htmlFor={id} className="text-ink-soft text-sm">
        {t("figures.sort")}
      </label>
      <Select id={id} value={sort} onChange={(event) => onSort(event.target.value as FiguresSort)}>
        {figuresColumns.map((column) => (
          <option key={column} value={column === "name" ? column : `-${column}`}>
            {t(sortLabels[column])}
          </option>
        ))}
      </Select>
    </div>
  );
}
