// biome-ignore-all lint/a11y/useSemanticElements: the table is one by its roles, see records-row.tsx.
// biome-ignore-all lint/a11y/useFocusableInteractive: the table is one by its roles, see records-row.tsx.
// biome-ignore-all lint/a11y/noStaticElementInteractions: the table is one by its roles, see records-row.tsx.
// biome-ignore-all lint/a11y/useAriaPropsSupportedByRole: the table is one by its roles, see records-row.tsx.
import {
  columnSizingFeature,
  columnVisibilityFeature,
  createColumnHelper,
  type RowSelectionState,
  rowSelectionFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import {
  type CSSProperties,
  type ReactNode,
  useCallback,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import type { Collection, Field, RecordData } from "@/api/types";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Checkbox } from "@/ui/checkbox";
import { cn } from "@/ui/cn";
import { CellEditor, type Move } from "./cell-editor";
import { canEditInCell, columnWidth, selectWidth } from "./columns";
import { type BodyHandle, RecordsBody } from "./records-body";
import { cellShape, HeaderCell } from "./table-cells";
import { editableAfter, type Place, useGrid } from "./use-grid";

const features = tableFeatures({ columnVisibilityFeature, columnSizingFeature, rowSelectionFeature });
const helper = createColumnHelper<typeof features, RecordData>();

/** The cell that is edited, by what stays when rows and columns get other places. */
interface Edited {
  record: string;
  field: string;
}

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

/** A table of which every cell can be gone to, and most can be edited where they stand. */
export function RecordsTable(props: RecordsTableProps) {
  const { collection, rows, firstRow, total, fields, hidden, sort, onSort, selection, onSelection, link } =
    props;
  const [frame, setFrame] = useState<HTMLElement | null>(null);
  const body = useRef<BodyHandle>(null);
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
  const visible = table.getVisibleLeafColumns();
  const shownFields = useMemo(() => fields.filter(({ name }) => !hidden.includes(name)), [fields, hidden]);
  const editable = useMemo(
    () => shownFields.map((field) => canEditInCell(collection, field)),
    [shownFields, collection],
  );

  const [editing, setEditing] = useState<Edited | null>(null);
  const grid = useGrid({
    frame,
    rows: all.length,
    columns: shownFields.length,
    reveal: (row) => body.current?.reveal(row),
    onEdit: (place) => edit(place),
    onOpen: (place) => open(place),
  });
  const { find, setActive } = grid;
  const open = useCallback(
    ({ row }: Place) => find({ row, column: 0 })?.querySelector<HTMLAnchorElement>("a")?.click(),
    [find],
  );
  const cellAt = useCallback(
    ({ row, column }: Place): Edited | null => {
      const [record, field] = [all[row]?.id, shownFields[column]?.name];
      return record !== undefined && field !== undefined ? { record, field } : null;
    },
    [all, shownFields],
  );
  const edit = useCallback(
    (place: Place) => {
      if (!editable[place.column]) return open(place);
      setActive(place);
      setEditing(cellAt(place));
    },
    [editable, open, setActive, cellAt],
  );
  const endEdit = (place: Place, move: Move) => {
    const next =
      move === "stay" ? null : editableAfter(place, move === "next" ? 1 : -1, all.length, editable);
    grid.focus(next ?? place);
    // A row that is not drawn yet has no cell to put an editor over, so it is drawn first.
    const cell = next && cellAt(next);
    if (cell) requestAnimationFrame(() => requestAnimationFrame(() => setEditing(cell)));
    setEditing(null);
  };
  const place = editing && {
    row: all.findIndex(({ id }) => id === editing.record),
    column: shownFields.findIndex(({ name }) => name === editing.field),
  };
  const edited = place && all[place.row]?.original;
  const editedField = place && shownFields[place.column];
  // Where it is now is known when the rows are drawn, and not before.
  const [anchor, setAnchor] = useState<HTMLElement | null>(null);
  useLayoutEffect(() => {
    const cell = place && find(place);
    if (cell !== anchor) setAnchor(cell);
  });
  const width = selectWidth + visible.reduce((sum, column) => sum + column.getSize(), 0);
  // Of what is left of the window, a wide column gets more than a narrow one.
  const widths = [
    `${selectWidth}px`,
    ...visible.map((column) => `minmax(${column.getSize()}px, ${column.getSize()}fr)`),
  ].join(" ");
  const readOnly = collection.type === "view";

  return (
    <Card className="overflow-hidden">
      <section
        ref={setFrame}
        aria-label={t("records.of", { collection: collection.name })}
        className="relative max-h-[calc(100dvh-17rem)] min-h-48 overflow-auto"
      >
        <div
          role={readOnly ? "table" : "grid"}
          onKeyDown={grid.onKeyDown}
          aria-label={t("records.of", { collection: collection.name })}
          aria-rowcount={total >= 0 ? total + 1 : -1}
          className="min-w-full text-sm"
          style={{ width, "--columns": widths } as CSSProperties}
        >
          <div role="rowgroup" className="sticky top-0 z-20 bg-sunken text-ink-soft text-xs">
            <div role="row" aria-rowindex={1} className="grid grid-cols-(--columns)">
              <div role="columnheader" className={cn(cellShape, "h-9")}>
                {readOnly ? (
                  <span className="sr-only">{t("records.select")}</span>
                ) : (
                  <Checkbox
                    aria-label={t("records.selectAll")}
                    checked={table.getIsAllRowsSelected()}
                    onCheckedChange={(checked) => table.toggleAllRowsSelected(checked === true)}
                  />
                )}
              </div>
              {shownFields.map((field) => (
                <HeaderCell key={field.id} field={field} sort={sort} onSort={onSort} />
              ))}
            </div>
          </div>
          <RecordsBody
            ref={body}
            frame={frame}
            rows={all}
            firstRow={firstRow}
            collection={collection}
            fields={shownFields}
            editable={editable}
            selection={selection}
            active={grid.active}
            edited={edited ? place.row : null}
            link={link}
            onEdit={edit}
            onFocus={grid.setActive}
          />
        </div>
      </section>
      {anchor && edited && editedField && (
        <CellEditor
          key={`${edited.id} ${editedField.name}`}
          collection={collection.name}
          field={editedField}
          record={edited}
          anchor={anchor}
          onClose={(move) => endEdit(place, move)}
        />
      )}
    </Card>
  );
}
