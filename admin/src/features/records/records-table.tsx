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
import { type ReactNode, useCallback, useMemo, useRef, useState } from "react";
import type { Collection, Field, RecordData } from "@/api/types";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Checkbox } from "@/ui/checkbox";
import { CellEditor, type Move } from "./cell-editor";
import { canEditInCell, columnWidth, selectWidth } from "./columns";
import { RecordsRow, rowHeight } from "./records-row";
import { HeaderCell } from "./table-cells";
import { editableAfter, type Place, useGrid } from "./use-grid";

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, rowSelectionFeature });
const helper = createColumnHelper<typeof features, RecordData>();

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
  const shownFields = useMemo(() => fields.filter(({ name }) => !hidden.includes(name)), [fields, hidden]);
  const editable = useMemo(
    () => shownFields.map((field) => canEditInCell(collection, field)),
    [shownFields, collection],
  );

  const [editing, setEditing] = useState<Place | null>(null);
  const grid = useGrid({
    frame,
    rows: all.length,
    columns: shownFields.length,
    reveal: (row) => virtual && virtualizer.scrollToIndex(row),
    onEdit: (place) => edit(place),
    onOpen: (place) => open(place),
  });
  const { find, setActive } = grid;
  const open = useCallback(
    ({ row }: Place) => find({ row, column: 0 })?.querySelector<HTMLAnchorElement>("a")?.click(),
    [find],
  );
  const edit = useCallback(
    (place: Place) => {
      if (!editable[place.column]) return open(place);
      setActive(place);
      setEditing(place);
    },
    [editable, open, setActive],
  );
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
              {shownFields.map((field) => (
                <HeaderCell key={field.id} field={field} sort={sort} onSort={onSort} />
              ))}
            </tr>
          </thead>
          <tbody>
            {before > 0 && <Room height={before} />}
            {shown.map(({ row, index }) => {
              if (!row) return null;
              return (
                <RecordsRow
                  key={row.id}
                  row={row}
                  index={index}
                  place={firstRow + index + 1}
                  collection={collection}
                  fields={shownFields}
                  editable={editable}
                  selected={selection[row.id] === true}
                  activeColumn={grid.active.row === index ? grid.active.column : null}
                  link={link}
                  onEdit={edit}
                  onFocus={grid.setActive}
                />
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
