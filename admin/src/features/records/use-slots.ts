/** Which element draws which row of a long table: one that is no longer in sight hands its element to one that comes. */
import { type FocusEvent, useEffect, useRef, useState } from "react";

export class Slots {
  private readonly taken = new Map<string, number>();
  private next = 0;
  /** Where the element of a slot stands in the document among the others. */
  private standing = new Map<number, number>();

  /**
   * The slots of the rows that are drawn now, by their ids. A row keeps its slot while it is drawn. The slot of a row that is held
   * is given up with its element, and to nobody else: what has the focus must not become part of another row. A slot that nobody
   * takes is given up too, so that elements are made again where the number of rows grows.
   */
  assign(ids: readonly string[], held: readonly (string | null | undefined)[]): number[] {
    const drawn = new Set(ids);
    const free: number[] = [];
    for (const [id, slot] of this.taken) {
      if (drawn.has(id)) continue;
      this.taken.delete(id);
      if (!held.includes(id)) free.push(slot);
    }
    return ids.map((id) => {
      const slot = this.taken.get(id) ?? free.pop() ?? this.next++;
      this.taken.set(id, slot);
      return slot;
    });
  }

  /** Rows in the order of the document: the one they are given in if that may change, else that of the elements which stand there. */
  inDocument<Drawn extends { key: number }>(drawn: Drawn[], mayMove: boolean): Drawn[] {
    const at = ({ key }: Drawn) => this.standing.get(key) ?? this.next;
    const order = mayMove ? drawn : drawn.toSorted((one, other) => at(one) - at(other));
    this.standing = new Map(order.map(({ key }, place) => [key, place]));
    return order;
  }
}

/** The slots of a table, and what its body has to tell of the focus and of the pointer. */
export function useSlots() {
  const [slots] = useState(() => new Slots());
  const focused = useRef<string | null>(null);
  const [pressed, setPressed] = useState(false);
  useEffect(() => {
    if (!pressed) return;
    const ended = new AbortController();
    // The click comes after the pointer is up, and goes to what both have met.
    const release = () => setTimeout(() => setPressed(false));
    for (const event of ["pointerup", "pointercancel"]) {
      window.addEventListener(event, release, { capture: true, signal: ended.signal });
    }
    return () => ended.abort();
  }, [pressed]);
  return {
    slots,
    focused,
    /** A pointer is down on a row: one that is moved in the document meanwhile would not be clicked. */
    pressed,
    watch: {
      onFocus: ({ target }: FocusEvent) => {
        focused.current = target.closest<HTMLElement>("[data-row]")?.dataset.row ?? null;
      },
      onBlur: () => {
        focused.current = null;
      },
      onPointerDownCapture: () => setPressed(true),
    },
  };
}
