import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";

interface ListSectionProps<T> {
  title: string;
  text: string;
  actions?: ReactNode;
  query: UseQueryResult<T[]>;
  columns: Column<T>[];
  rowKey: (row: T) => string;
  /** Rows drawn while nothing is there yet: as many as there usually are. */
  usually: number;
  /** Instead of a table without rows. */
  empty?: ReactNode;
  /** Dialogs that belong to the list. */
  children?: ReactNode;
}

/** A part of a page that is a list: its heading, the states of its data, the table. */
export function ListSection<T>(props: ListSectionProps<T>) {
  const { title, text, actions, query, columns, rowKey, usually, empty, children } = props;
  return (
    <Section title={title} description={text} actions={actions}>
      <QueryView
        query={query}
        label={title}
        skeleton={<DataTableSkeleton columns={columns} rows={usually} />}
      >
        {(rows) =>
          rows.length === 0 && empty ? (
            empty
          ) : (
            <DataTable label={title} columns={columns} rows={rows} rowKey={rowKey} />
          )
        }
      </QueryView>
      {children}
    </Section>
  );
}
