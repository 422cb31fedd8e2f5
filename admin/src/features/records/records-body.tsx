// biome-ignore-all lint/a11y/useSemanticElements: the table is one by its roles, see records-row.tsx.
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ComponentProps, type Ref, useImperativeHandle } from "react";
import { RecordsRow, rowHeight } from "./records-row";
import type { Place } from "./use-grid";
import { useSlots } from "./use-slots";

/** Fewer rows are all drawn: to swap them in and out would cost more than it saves. */
const virtualFrom = 80;
/** Drawn above and below what is in sight: more than the wheel goes on in a frame, so that no frame has to wait for its rows. */
const rowsAhead = 12;

type RowProps = ComponentProps<typeof RecordsRow>;

export interface BodyHandle {
  /** Brings a row into the document that is not drawn. */
  reveal: (row: number) => void;
}

interface RecordsBodyProps
  extends Pick<RowProps, "collection" | "fields" | "editable" | "link" | "onEdit" | "onFocus"> {
  ref: Ref<BodyHandle>;
  /** What is scrolled; nothing until it is in the document, which is after what is in it. */
  frame: HTMLElement | null;
  rows: RowProps["row"][];
  /** The number of the first row among all that match. */
  firstRow: number;
  selection: Record<string, boolean>;
  active: Place;
}

/**
 * The rows: as many as fit are drawn, each at its place. Only this part is drawn again while one scrolls, and then no element is made or
 * moved: one that is out of sight gets the texts of the row that comes, wherever it stands in the document. At rest they stand in order,
 * for those who read the document and not the picture.
 */
export function RecordsBody({ ref, frame, rows, firstRow, selection, active, ...shared }: RecordsBodyProps) {
  const virtual = rows.length >= virtualFrom;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame,
    estimateSize: () => rowHeight,
    overscan: rowsAhead,
    enabled: virtual,
  });
  useImperativeHandle(ref, () => ({ reveal: (row) => virtual && virtualizer.scrollToIndex(row) }));
  const { slots, focused, watch } = useSlots();
  const shown = virtual ? inSlots() : rows.map((row, index) => ({ key: row.id, row, index, top: null }));

  function inSlots() {
    const items = virtualizer.getVirtualItems().flatMap(({ index, start }) => {
      const row = rows[index];
      return row ? [{ row, index, top: start }] : [];
    });
    const ids = items.map(({ row }) => row.id);
    const given = slots.assign(ids, [rows[active.row]?.id, focused.current]);
    const placed = items.map((item, at) => ({ ...item, key: given[at] ?? item.row.id }));
    return virtualizer.isScrolling ? placed.sort((a, b) => Number(a.key) - Number(b.key)) : placed;
  }

  return (
    <div
      role="rowgroup"
      className="relative"
      {...watch}
      style={{ height: virtual ? virtualizer.getTotalSize() : undefined }}
    >
      {shown.map(({ key, row, index, top }) => (
        <RecordsRow
          key={key}
          row={row}
          index={index}
          place={firstRow + index + 1}
          top={top}
          selected={selection[row.id] === true}
          activeColumn={active.row === index ? active.column : null}
          {...shared}
        />
      ))}
    </div>
  );
}
