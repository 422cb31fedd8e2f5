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
import { type ReactNode, useMemo, useRef, useState } from "react";
import type { Collection, Field, RecordData } from "@/api/types";
import { rowLinkProps } from "@/components/data-table";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Checkbox } from "@/ui/checkbox";
import { cn } from "@/ui/cn";
import { CellEditor, type Move } from "./cell-editor";
import { canEditInCell, columnWidth, selectWidth } from "./columns";
import { editorOf } from "./editors";
import { cellLinkProps, GridCell, HeaderCell } from "./table-cells";
import { editableAfter, type Place, useGrid } from "./use-grid";

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
  /** In the order in which they stand. */
  fields: Field[];
  hidden: string[];
  sort: string | undefined;
  onSort: (field: string) => void;
  selection: RowSelectionState;
  onSelection: (selection: RowSelectionState) => void;
  link: (record: RecordData, props: object, children: ReactNode) => ReactNode;
}

/** As many rows as fit are drawn; the others are room above and below. */
export function RecordsTable(props: RecordsTableProps) {
  const { collection, rows, firstRow, total, fields, hidden, sort, onSort, selection, onSelection, link } =
    props;
  const frame = useRef<HTMLDivElement>(null);
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
  const shownFields = visible.map(({ id }) => fieldOf(id));
  const editable = shownFields.map((field) => canEditInCell(collection, field));

  const [editing, setEditing] = useState<Place | null>(null);
  const grid = useGrid({
    frame,
    rows: all.length,
    columns: visible.length,
    reveal: (row) => virtual && virtualizer.scrollToIndex(row),
    onEdit: (place) => edit(place),
    onOpen: (place) => open(place),
  });
  const open = ({ row }: Place) =>
    grid.find({ row, column: 0 })?.querySelector<HTMLAnchorElement>("a")?.click();
  const edit = (place: Place) => {
    if (!editable[place.column]) return open(place);
    grid.setActive(place);
    setEditing(place);
  };
  const endEdit = (place: Place, move: Move) => {
    const next =
      move === "stay" ? null : editableAfter(place, move === "next" ? 1 : -1, all.length, editable);
    grid.focus(next ?? place);
    // A row that is not drawn yet has no cell to put an editor over, so it is drawn first.
    if (next) requestAnimationFrame(() => requestAnimationFrame(() => setEditing(next)));
    setEditing(null);
  };
  const anchor = editing && grid.find(editing);
  const edited = editing && all[editing.row]?.original;
  const editedField = editing && shownFields[editing.column];
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
          role={readOnly ? undefined : "grid"}
          onKeyDown={grid.onKeyDown}
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
                  {row.getVisibleCells().map((cell, column) => {
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
                      <GridCell
                        key={cell.id}
                        place={{ row: index, column }}
                        active={grid.active.row === index && grid.active.column === column}
                        grid={!readOnly}
                        editable={editable[column] === true}
                        onEdit={edit}
                        onFocus={grid.setActive}
                      >
                        {column === 0
                          ? link(record, readOnly ? rowLinkProps : cellLinkProps, content)
                          : content}
                      </GridCell>
                    );
                  })}
                </tr>
              );
            })}
            {after > 0 && <Room height={after} />}
          </tbody>
        </table>
      </section>
      {anchor && edited && editedField && (
        <CellEditor
          key={`${edited.id} ${editedField.name}`}
          collection={collection.name}
          field={editedField}
          record={edited}
          anchor={anchor}
          onClose={(move) => endEdit(editing, move)}
        />
      )}
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
