/** Which element draws which row of a long table: one that is no longer in sight hands its element to one that comes. */
import { type FocusEvent, useRef, useState } from "react";

export class Slots {
  private readonly taken = new Map<string, number>();
  private next = 0;

  /**
   * The slots of the rows that are drawn now, by their ids. A row keeps its slot while it is drawn. The slot of a row that is held
   * is given up with its element, and to nobody else: what has the focus must not become part of another row.
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
}

/** The slots of a table, and what its body has to tell of the focus. */
export function useSlots() {
  const [slots] = useState(() => new Slots());
  const focused = useRef<string | null>(null);
  return {
    slots,
    focused,
    watch: {
      onFocus: ({ target }: FocusEvent) => {
        focused.current = target.closest<HTMLElement>("[data-row]")?.dataset.row ?? null;
      },
      onBlur: () => {
        focused.current = null;
      },
    },
  };
}
