/** What a list of the logs found: the rows with their pages, or why there are none. */
import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { ApiError } from "@/api/errors";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { Pager } from "@/components/pager";
import { BadFilter, NoMatches, Notice, type QueryLike, QueryView } from "@/components/query-view";

export const perPage = 50;

interface FoundProps<T> {
  query: QueryLike<{ items: T[]; totalItems: number }>;
  label: string;
  columns: Column<T>[];
  /** The filter as it was typed. */
  filter: string;
  /** Whether anything narrows the list. */
  narrowed: boolean;
  onClear: () => void;
  /** What is shown while there is nothing at all. */
  empty: { icon: LucideIcon; title: string; text: ReactNode };
  page: number;
  onPage: (page: number) => void;
}

export function Found<T extends { id: string }>(props: FoundProps<T>) {
  const { query, label, columns, filter, narrowed, onClear, empty, page, onPage } = props;
  if (filter !== "" && query.error instanceof ApiError && query.error.status === 400) {
    return <BadFilter message={query.error.message} onClear={onClear} />;
  }
  return (
    <QueryView query={query} label={label} skeleton={<DataTableSkeleton columns={columns} rows={10} />}>
      {({ items, totalItems }) => {
        if (items.length === 0 && narrowed) return <NoMatches text={filter} onClear={onClear} />;
        if (items.length === 0) {
          return (
            <Notice icon={empty.icon} title={empty.title}>
              {empty.text}
            </Notice>
          );
        }
        return (
          <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
            <DataTable label={label} columns={columns} rows={items} rowKey={({ id }) => id} />
            <Pager page={page} perPage={perPage} shown={items.length} total={totalItems} onPage={onPage} />
          </div>
        );
      }}
    </QueryView>
  );
}
