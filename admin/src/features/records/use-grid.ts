/** Moving about in a table of records: one cell has the focus, the arrows take it elsewhere. */
import { type KeyboardEvent, useCallback, useRef, useState } from "react";

export interface Place {
  row: number;
  column: number;
}

interface GridOptions {
  /** What the cells are in. */
  frame: HTMLElement | null;
  rows: number;
  columns: number;
  /** Brings a row into the document that is not drawn. */
  reveal: (row: number) => void;
  onEdit: (place: Place) => void;
  onOpen: (place: Place) => void;
}

/** Rows that Page up and Page down pass over. */
const pageRows = 10;

const cellSelector = "[data-cell]";

/** What the cell at a place is marked with. */
export const cellMark = ({ row, column }: Place) => `${row}:${column}`;

/** Where a key leads from a place; nothing for keys that do not move. */
export function placeAfter(key: string, { row, column }: Place, rows: number, columns: number): Place | null {
  const within = (next: Place): Place => ({
    row: Math.min(Math.max(next.row, 0), rows - 1),
    column: Math.min(Math.max(next.column, 0), columns - 1),
  });
  switch (key) {
    case "ArrowLeft":
      return within({ row, column: column - 1 });
    case "ArrowRight":
      return within({ row, column: column + 1 });
    case "ArrowUp":
      return within({ row: row - 1, column });
    case "ArrowDown":
      return within({ row: row + 1, column });
    case "PageUp":
      return within({ row: row - pageRows, column });
    case "PageDown":
      return within({ row: row + pageRows, column });
    case "Home":
      return { row, column: 0 };
    case "End":
      return { row, column: columns - 1 };
    default:
      return null;
  }
}

/** The next place, row after row, that can be edited; the one before with `step` -1. */
export function editableAfter(
  { row, column }: Place,
  step: 1 | -1,
  rows: number,
  editable: readonly boolean[],
): Place | null {
  const columns = editable.length;
  for (let at = row * columns + column + step; at >= 0 && at < rows * columns; at += step) {
    if (editable[at % columns]) return { row: Math.floor(at / columns), column: at % columns };
  }
  return null;
}

export function useGrid({ frame, rows, columns, reveal, onEdit, onOpen }: GridOptions) {
  const [active, setActive] = useState<Place>({ row: 0, column: 1 });

  const find = useCallback(
    (place: Place) => frame?.querySelector<HTMLElement>(`[data-cell="${cellMark(place)}"]`) ?? null,
    [frame],
  );
  // Where the focus is about to be: keys that come before the next frame go on from there.
  const ahead = useRef<{ place: Place; frame: number } | null>(null);
  const settle = useCallback(() => {
    if (ahead.current) cancelAnimationFrame(ahead.current.frame);
    ahead.current = null;
  }, []);
  const focus = useCallback(
    (place: Place) => {
      setActive(place);
      reveal(place.row);
      settle();
      // The row may have to be drawn first.
      const turn = requestAnimationFrame(() => {
        ahead.current = null;
        const cell = find(place);
        (cell?.querySelector<HTMLElement>("a") ?? cell)?.focus();
      });
      ahead.current = { place, frame: turn };
    },
    [find, reveal, settle],
  );

  const onKeyDown = (event: KeyboardEvent) => {
    const focused = placeOf(event.target);
    if (
      !focused ||
      event.defaultPrevented ||
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      event.shiftKey
    )
      return;
    const cell = ahead.current?.place ?? focused;
    const next = placeAfter(event.key, cell, rows, columns);
    const onLink = (event.target as Element).closest("a") !== null;
    if (next) focus(next);
    else if (event.key === "F2" || (event.key === "Enter" && !onLink)) {
      settle();
      onEdit(cell);
    } else if (event.key === " " && !onLink) {
      settle();
      onOpen(cell);
    } else return;
    event.preventDefault();
  };

  return { active, setActive, find, focus, onKeyDown };
}

/** The cell that something is in; nothing for what lies outside of the grid, such as an open editor. */
export function placeOf(target: EventTarget | null): Place | null {
  const mark =
    target instanceof Element ? target.closest<HTMLElement>(cellSelector)?.dataset.cell : undefined;
  const [row, column] = (mark ?? "").split(":").map(Number);
  return mark && row !== undefined && column !== undefined ? { row, column } : null;
}
