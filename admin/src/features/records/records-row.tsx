// biome-ignore-all lint/a11y/useSemanticElements: the table is one by its roles, see records-row.tsx.
// biome-ignore-all lint/a11y/useFocusableInteractive: the table is one by its roles, see records-row.tsx.
import { memo, type ReactNode } from "react";
import type { Collection, Field, RecordData } from "@/api/types";
import { rowLinkProps } from "@/components/data-table";
import { t } from "@/i18n";
import { Checkbox } from "@/ui/checkbox";
import { cn } from "@/ui/cn";
import { editorOf } from "./editors";
import { cellLinkProps, cellShape, GridCell } from "./table-cells";
import type { Place } from "./use-grid";

export const rowHeight = 44;

interface RecordsRowProps {
  /** Of the table. */
  row: { id: string; original: RecordData; toggleSelected: (selected: boolean) => void };
  index: number;
  /** Its number among all that match, the header counted. */
  place: number;
  /** Where it stands below the first one, if not by itself below the one before. */
  top: number | null;
  collection: Collection;
  fields: Field[];
  /** By column. */
  editable: boolean[];
  selected: boolean;
  /** The column of the cell that the Tab key stops at, if it is in this row. */
  activeColumn: number | null;
  link: (record: RecordData, props: object, children: ReactNode) => ReactNode;
  onEdit: (place: Place) => void;
  onFocus: (place: Place) => void;
}

/**
 * Drawn again only when something of its own changes: scrolling would draw all rows for each that comes into sight. It is a row by its
 * role and not a `tr`: the browser's own style has cells inherit from their row, so that all of them would be styled anew for each row
 * that is put elsewhere or pointed at.
 */
export const RecordsRow = memo(function RecordsRow(props: RecordsRowProps) {
  const {
    row,
    index,
    place,
    top,
    collection,
    fields,
    editable,
    selected,
    activeColumn,
    link,
    onEdit,
    onFocus,
  } = props;
  const record = row.original;
  const readOnly = collection.type === "view";
  return (
    <div
      role="row"
      aria-rowindex={place}
      data-row={row.id}
      className={cn(
        // Nothing in it changes anything outside: what comes into sight has only itself to be laid out and painted.
        "group inset-x-0 grid grid-cols-(--columns) hover:bg-hover/55 [contain:strict]",
        top === null ? "relative" : "absolute",
        selected && "bg-accent-soft hover:bg-accent-soft",
      )}
      style={{ height: rowHeight, top: top ?? undefined }}
    >
      <div role={readOnly ? "cell" : "gridcell"} className={cellShape}>
        {!readOnly && (
          <Checkbox
            aria-label={t("records.selectOne", { id: record.id })}
            checked={selected}
            onCheckedChange={(checked) => row.toggleSelected(checked === true)}
          />
        )}
      </div>
      {fields.map((field, column) => {
        const { Cell } = editorOf(field);
        const content = (
          <Cell field={field} value={record[field.name]} collection={collection.name} record={record} />
        );
        return (
          <GridCell
            key={field.id}
            place={{ row: index, column }}
            active={activeColumn === column}
            grid={!readOnly}
            editable={editable[column] === true}
            onEdit={onEdit}
            onFocus={onFocus}
          >
            {column === 0 ? link(record, readOnly ? rowLinkProps : cellLinkProps, content) : content}
          </GridCell>
        );
      })}
    </div>
  );
});
