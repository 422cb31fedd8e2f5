import {
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type ReactNode, useMemo, useRef } from "react";
import type { Collection, Field, RecordData } from "@/api/types";
import { rowLinkProps } from "@/components/data-table";
import { kindIcon } from "@/components/field-kinds";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Checkbox } from "@/ui/checkbox";
import { cn } from "@/ui/cn";
import { canSort, columnWidth, selectWidth, tableFields } from "./columns";
import { editorOf } from "./editors";

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, rowSelectionFeature });
const helper = createColumnHelper<typeof features, RecordData>();

const rowHeight = 44;
/** Fewer rows are all drawn: to swap them in and out would cost more than it saves. */
const virtualFrom = 80;

interface RecordsTableProps {
  collection: Collection;
  rows: RecordData[];
  /** The number of the first row among all that match. */
  firstRow: number;
  total: number;
  hidden: string[];
  sort: string | undefined;
  onSort: (field: string) => void;
  selection: RowSelectionState;
  onSelection: (selection: RowSelectionState) => void;
  link: (record: RecordData, props: object, children: ReactNode) => ReactNode;
}

/** As many rows as fit are drawn; the others are room above and below. */
export function RecordsTable(props: RecordsTableProps) {
  const { collection, rows, firstRow, total, hidden, sort, onSort, selection, onSelection, link } = props;
  const frame = useRef<HTMLDivElement>(null);
  const fields = useMemo(() => tableFields(collection), [collection]);
  const columns = useMemo(
    () =>
      helper.columns(
        fields.map((field) =>
          helper.accessor((record) => record[field.name], { id: field.name, size: columnWidth(field) }),
        ),
      ),
    [fields],
  );

  const table = useTable({
    features,
    columns,
    data: rows,
    getRowId: (record) => record.id,
    state: {
      columnVisibility: Object.fromEntries(hidden.map((name) => [name, false])),
      rowSelection: selection,
    },
    onRowSelectionChange: (update) => onSelection(typeof update === "function" ? update(selection) : update),
  });

  const all = table.getRowModel().rows;
  const virtual = all.length >= virtualFrom;
  const virtualizer = useVirtualizer({
    count: all.length,
    getScrollElement: () => frame.current,
    estimateSize: () => rowHeight,
    overscan: 12,
    enabled: virtual,
  });
  const items = virtual ? virtualizer.getVirtualItems() : [];
  const shown = virtual
    ? items.map(({ index }) => ({ row: all[index], index }))
    : all.map((row, index) => ({ row, index }));
  const before = items[0]?.start ?? 0;
  const after = virtual ? virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0) : 0;

  const visible = table.getVisibleLeafColumns();
  const fieldOf = (id: string) => fields.find(({ name }) => name === id) as Field;
  const width = selectWidth + visible.reduce((sum, column) => sum + column.getSize(), 0);
  const readOnly = collection.type === "view";

  return (
    <Card className="overflow-hidden">
      <section
        ref={frame}
        aria-label={t("records.of", { collection: collection.name })}
        className="relative max-h-[calc(100dvh-17rem)] min-h-48 overflow-auto"
      >
        <table
          aria-label={t("records.of", { collection: collection.name })}
          aria-rowcount={total >= 0 ? total + 1 : -1}
          className="border-separate border-spacing-0 text-left text-sm"
          style={{ width, minWidth: "100%", tableLayout: "fixed" }}
        >
          <colgroup>
            <col style={{ width: selectWidth }} />
            {visible.map((column) => (
              <col key={column.id} style={{ width: column.getSize() }} />
            ))}
          </colgroup>
          <thead className="sticky top-0 z-20 bg-sunken text-ink-soft text-xs">
            <tr aria-rowindex={1}>
              <th scope="col" className="h-9 border-line border-b px-3">
                {readOnly ? (
                  <span className="sr-only">{t("records.select")}</span>
                ) : (
                  <Checkbox
                    aria-label={t("records.selectAll")}
                    checked={table.getIsAllRowsSelected()}
                    onCheckedChange={(checked) => table.toggleAllRowsSelected(checked === true)}
                  />
                )}
              </th>
              {visible.map((column) => (
                <HeaderCell key={column.id} field={fieldOf(column.id)} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Room height={before} />}
            {shown.map(({ row, index }) => {
              if (!row) return null;
              const record = row.original;
              const selected = row.getIsSelected();
              return (
                <tr
                  key={row.id}
                  aria-rowindex={firstRow + index + 1}
                  className={cn(
                    "group relative transition-colors hover:bg-hover/55",
                    selected && "bg-accent-soft hover:bg-accent-soft",
                  )}
                  style={{ height: rowHeight }}
                >
                  <td className="border-line border-b px-3">
                    {!readOnly && (
                      <Checkbox
                        className="relative z-10 block"
                        aria-label={t("records.selectOne", { id: record.id })}
                        checked={selected}
                        onCheckedChange={(checked) => row.toggleSelected(checked === true)}
                      />
                    )}
                  </td>
                  {row.getVisibleCells().map((cell, place) => {
                    const field = fieldOf(cell.column.id);
                    const { Cell } = editorOf(field);
                    const content = (
                      <Cell
                        field={field}
                        value={record[field.name]}
                        collection={collection.name}
                        record={record}
                      />
                    );
                    return (
                      <td key={cell.id} className="overflow-hidden border-line border-b px-3">
                        {place === 0 ? link(record, rowLinkProps, content) : content}
                      </td>
                    );
                  })}
                </tr>
              );
            })}
            {after > 0 && <Room height={after} />}
          </tbody>
        </table>
      </section>
    </Card>
  );
}

function Room({ height }: { height: number }) {
  return (
    <tr aria-hidden style={{ height }}>
      <td />
    </tr>
  );
}

interface HeaderCellProps {
  field: Field;
  sort: string | undefined;
  onSort: (field: string) => void;
}

function HeaderCell({ field, sort, onSort }: HeaderCellProps) {
  const Kind = kindIcon(field.type);
  const direction = sort === field.name ? "ascending" : sort === `-${field.name}` ? "descending" : undefined;
  const Arrow = direction === "ascending" ? ArrowUp : ArrowDown;
  const label = (
    <>
      <Kind aria-hidden className="size-3.5 shrink-0" />
      <span className="min-w-0 truncate">{field.name}</span>
    </>
  );
  return (
    <th
      scope="col"
      aria-sort={direction ?? (canSort(field) ? "none" : undefined)}
      className="h-9 border-line border-b px-3 font-medium"
    >
      {canSort(field) ? (
        <button
          type="button"
          onClick={() => onSort(field.name)}
          className="flex min-h-6 max-w-full items-center gap-1.5 rounded hover:text-ink"
        >
          {label}
          {direction && <Arrow aria-hidden className="size-3.5 shrink-0 text-accent" />}
        </button>
      ) : (
        <span className="flex items-center gap-1.5">{label}</span>
      )}
    </th>
  );
}
