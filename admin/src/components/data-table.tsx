import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import { useWide } from "@/components/use-media";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { Skeleton } from "@/ui/skeleton";
import { Table, TableBody, TableCell, TableHead, TableHeader, TableRow } from "@/ui/table";

export interface Column<T> {
  id: string;
  header: string;
  cell: (row: T) => ReactNode;
  /** For the header and the cells of the table: width, alignment, from which width on it is shown. */
  className?: string;
  /** Width of the bar that stands for the cell while it loads. */
  skeleton: string;
  /** The header is a button that asks for another order. */
  sort?: { direction: "ascending" | "descending" | null; onSort: () => void };
  /** The header is read but not seen: columns of buttons. */
  headerHidden?: boolean;
  /** Where the cell goes on a card: the headline, beside it, a line with its header, or nowhere. */
  card: "title" | "aside" | "line" | "none";
  /** Leaves the line out of a card on which it would say nothing. */
  cardWhen?: (row: T) => boolean;
}

interface DataTableProps<T> {
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
}

/**
 * A table on wide screens, a list of cards on narrow ones. A link that should cover its whole row carries
 * `rowLinkClasses`.
 */
export function DataTable<T>({ label, columns, rows, rowKey }: DataTableProps<T>) {
  const wide = useWide();
  if (!wide) {
    return (
      <ul aria-label={label} className="grid grid-cols-[minmax(0,1fr)] gap-2.5">
        {rows.map((row) => (
          <li key={rowKey(row)}>
            <RowCard columns={columns} row={row} />
          </li>
        ))}
      </ul>
    );
  }
  return (
    <Card className="overflow-hidden">
      <Table aria-label={label}>
        <Headers columns={columns} />
        <TableBody>
          {rows.map((row) => (
            <TableRow
              key={rowKey(row)}
              className="relative transition-colors has-[a[data-row-link]]:hover:bg-hover/55"
            >
              {columns.map((column) => (
                <TableCell key={column.id} className={column.className}>
                  {column.cell(row)}
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}

/** Stretches a link over its row or card; other controls in the row need `relative z-10`. */
export const rowLinkProps = {
  "data-row-link": "",
  className:
    "font-medium text-ink outline-none after:absolute after:inset-0 after:rounded-[inherit] focus-visible:after:outline-2 focus-visible:after:outline-accent focus-visible:after:outline-offset-[-2px]",
} as const;

function Headers<T>({ columns }: { columns: Column<T>[] }) {
  return (
    <TableHeader>
      <TableRow className="border-line border-b">
        {columns.map((column) => (
          <TableHead
            key={column.id}
            className={column.className}
            aria-sort={column.sort && (column.sort.direction ?? "none")}
          >
            <Header column={column} />
          </TableHead>
        ))}
      </TableRow>
    </TableHeader>
  );
}

function Header<T>({ column: { header, headerHidden, sort } }: { column: Column<T> }) {
  if (headerHidden) return <span className="sr-only">{header}</span>;
  if (!sort) return header;
  const Arrow = sort.direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <button
      type="button"
      onClick={sort.onSort}
      className="inline-flex min-h-6 items-center gap-1.5 rounded hover:text-ink"
    >
      {header}
      {sort.direction && <Arrow aria-hidden className="size-3.5 shrink-0 text-accent" />}
    </button>
  );
}

function RowCard<T>({ columns, row }: { columns: Column<T>[]; row: T }) {
  const at = (place: Column<T>["card"]) =>
    columns.filter((column) => column.card === place && (column.cardWhen?.(row) ?? true));
  const lines = at("line");
  return (
    <Card className="relative grid grid-cols-[minmax(0,1fr)] gap-3 px-4 py-3.5">
      <div className="flex items-start justify-between gap-3">
        <div className="min-w-0">
          {at("title").map((column) => (
            <div key={column.id}>{column.cell(row)}</div>
          ))}
        </div>
        <div className="flex shrink-0 items-center gap-2">
          {at("aside").map((column) => (
            <div key={column.id}>{column.cell(row)}</div>
          ))}
        </div>
      </div>
      {lines.length > 0 && (
        <dl className="grid grid-cols-[auto_minmax(0,1fr)] items-center gap-x-4 gap-y-1.5 text-[0.8125rem]">
          {lines.map((column) => (
            <div key={column.id} className="contents">
              <dt className="text-ink-soft">{column.header}</dt>
              <dd className="flex min-w-0 justify-end text-right">{column.cell(row)}</dd>
            </div>
          ))}
        </dl>
      )}
    </Card>
  );
}

/** The table before its first rows, with the real columns, so that nothing jumps when they come. */
export function DataTableSkeleton<T>({ columns, rows = 6 }: { columns: Column<T>[]; rows?: number }) {
  const wide = useWide();
  const places = Array.from({ length: rows }, (_, index) => `row-${index}`);
  if (!wide) {
    return (
      <div className="grid gap-2.5">
        {places.map((place) => (
          <Card key={place} className="grid gap-3 px-4 py-4">
            <Skeleton className="h-4 w-2/5" />
            <Skeleton className="h-3 w-4/5" />
          </Card>
        ))}
      </div>
    );
  }
  return (
    <Card className="overflow-hidden">
      <Table aria-hidden>
        <Headers columns={columns} />
        <TableBody>
          {places.map((place) => (
            <TableRow key={place}>
              {columns.map((column) => (
                <TableCell key={column.id} className={column.className}>
                  <Skeleton className={cn("h-3.5", column.skeleton)} />
                </TableCell>
              ))}
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Card>
  );
}
