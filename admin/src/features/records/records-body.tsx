// biome-ignore-all lint/a11y/useSemanticElements: the table is one by its roles, see records-row.tsx.
import { defaultRangeExtractor, type Range, useVirtualizer } from "@tanstack/react-virtual";
import { type ComponentProps, type Ref, useCallback, useImperativeHandle } from "react";
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
  /** The row whose cell is edited: it is drawn wherever one scrolls, so that the editor keeps its cell. */
  edited: number | null;
}

/**
 * The rows: as many as fit are drawn, each at its place. Only this part is drawn again while one scrolls, and then no element is moved,
 * and none is made for a row that comes for one that goes: it gets the element of that, wherever it stands in the document. At rest they
 * stand in order, for those who read the document and not the picture.
 */
export function RecordsBody(props: RecordsBodyProps) {
  const { ref, frame, rows, firstRow, selection, active, edited, ...shared } = props;
  const virtual = rows.length >= virtualFrom;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => frame,
    estimateSize: () => rowHeight,
    overscan: rowsAhead,
    enabled: virtual,
    rangeExtractor: useCallback((range: Range) => withRow(defaultRangeExtractor(range), edited), [edited]),
  });
  useImperativeHandle(ref, () => ({ reveal: (row) => virtual && virtualizer.scrollToIndex(row) }));
  const { slots, focused, pressed, watch } = useSlots();
  const shown = virtual ? inSlots() : rows.map((row, index) => ({ key: row.id, row, index, top: null }));

  function inSlots() {
    const items = virtualizer.getVirtualItems().flatMap(({ index, start }) => {
      const row = rows[index];
      return row ? [{ row, index, top: start }] : [];
    });
    const ids = items.map(({ row }) => row.id);
    const given = slots.assign(ids, [rows[active.row]?.id, focused.current]);
    const placed = items.map((item, at) => ({ ...item, key: given[at] ?? -1 }));
    return slots.inDocument(placed, !virtualizer.isScrolling && !pressed);
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

function withRow(drawn: number[], row: number | null): number[] {
  return row === null || drawn.includes(row) ? drawn : [...drawn, row].sort((one, other) => one - other);
}
