// biome-ignore-all lint/a11y/useSemanticElements: the table is one by its roles, see records-row.tsx.
// biome-ignore-all lint/a11y/useFocusableInteractive: the table is one by its roles, see records-row.tsx.
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";
import type { Field } from "@/api/types";
import { kindIcon } from "@/components/field-kinds";
import { t } from "@/i18n";
import { cn } from "@/ui/cn";
import { canSort } from "./columns";
import { cellMark, type Place } from "./use-grid";

/** The way to the panel of a record, in the first cell of its row. */
export const cellLinkProps = {
  className:
    "block rounded font-medium text-ink underline-offset-4 hover:underline focus-visible:-outline-offset-2",
} as const;

/** What does not fit is cut off by what stands in the cell, or by its row. */
export const cellShape = "min-w-0 content-center border-line border-b px-3";

interface GridCellProps {
  place: Place;
  /** The one cell that the Tab key stops at. */
  active: boolean;
  /** Whether there is anything to edit in this table. */
  grid: boolean;
  editable: boolean;
  onEdit: (place: Place) => void;
  onFocus: (place: Place) => void;
  children: ReactNode;
}

export function GridCell({ place, active, grid, editable, onEdit, onFocus, children }: GridCellProps) {
  if (!grid) {
    return (
      <div role="cell" className={cellShape}>
        {children}
      </div>
    );
  }
  // The first cell holds a link, which takes the focus itself.
  const stops = place.column > 0;
  return (
    <div
      role="gridcell"
      data-cell={cellMark(place)}
      tabIndex={stops ? (active ? 0 : -1) : undefined}
      aria-readonly={editable ? undefined : true}
      title={editable ? t("cell.hint") : undefined}
      onFocus={() => onFocus(place)}
      onDoubleClick={() => editable && onEdit(place)}
      className={cn(cellShape, "focus-visible:-outline-offset-2", editable && "cursor-cell")}
    >
      {children}
    </div>
  );
}

interface HeaderCellProps {
  field: Field;
  sort: string | undefined;
  onSort: (field: string) => void;
}

export function HeaderCell({ field, sort, onSort }: HeaderCellProps) {
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
    <div
      role="columnheader"
      aria-sort={direction ?? (canSort(field) ? "none" : undefined)}
      className={cn(cellShape, "h-9 font-medium")}
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
    </div>
  );
}
