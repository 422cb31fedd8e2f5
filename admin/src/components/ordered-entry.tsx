import { X } from "lucide-react";
import type { ReactNode } from "react";
import { MoveButtons } from "@/components/move-buttons";
import { Button } from "@/ui/button";

/** Its name, by its place, and what its buttons are called. */
export type OrderedEntryWords = Record<"name" | "up" | "down" | "remove", string>;

interface OrderedEntryProps {
  words: OrderedEntryWords;
  index: number;
  count: number;
  onMove: (to: number) => void;
  onRemove: () => void;
  /** What stands beside the buttons. */
  head: ReactNode;
  children?: ReactNode;
}

/** One of several things of a form that have an order: its inputs, and buttons to move and remove it. */
export function OrderedEntry({ words, index, count, onMove, onRemove, head, children }: OrderedEntryProps) {
  return (
    <li>
      <fieldset className="grid gap-4 rounded-lg border border-line p-3">
        <legend className="sr-only">{words.name}</legend>
        <div className="flex flex-wrap items-center gap-x-3 gap-y-2 md:flex-nowrap md:items-start">
          <span aria-hidden className="font-medium text-ink-soft text-xs tabular-nums md:hidden">
            {words.name}
          </span>
          <div className="min-w-0 flex-1 max-md:basis-full">{head}</div>
          <span className="flex items-center gap-1 max-md:ml-auto md:pt-7">
            <MoveButtons
              index={index}
              count={count}
              upLabel={words.up}
              downLabel={words.down}
              onMove={onMove}
            />
            <Button variant="ghost" size="icon-sm" aria-label={words.remove} onClick={onRemove}>
              <X aria-hidden />
            </Button>
          </span>
        </div>
        {children}
      </fieldset>
    </li>
  );
}
