import { useVirtualizer } from "@tanstack/react-virtual";
import { type ComponentProps, type Ref, useImperativeHandle } from "react";
import { RecordsRow, rowHeight } from "./records-row";
import type { Place } from "./use-grid";

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
  rows: (RowProps["row"] & { id: string })[];
  /** The number of the first row among all that match. */
  firstRow: number;
  selection: Record<string, boolean>;
  active: Place;
}

/** The rows: as many as fit are drawn, each at its place. Only this part is drawn again while one scrolls. */
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
  const shown = virtual
    ? virtualizer.getVirtualItems().map(({ index, start }) => ({ index, top: start }))
    : rows.map((_, index) => ({ index, top: null }));
  return (
    <tbody
      // biome-ignore lint/a11y/noRedundantRoles: the table is one to those only who go by roles.
      role="rowgroup"
      className="relative block"
      style={{ height: virtual ? virtualizer.getTotalSize() : undefined }}
    >
      {shown.map(({ index, top }) => {
        const row = rows[index];
        if (!row) return null;
        return (
          <RecordsRow
            key={row.id}
            row={row}
            index={index}
            place={firstRow + index + 1}
            top={top}
            selected={selection[row.id] === true}
            activeColumn={active.row === index ? active.column : null}
            {...shared}
          />
        );
      })}
    </tbody>
  );
}
