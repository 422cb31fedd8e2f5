import { ArrowDown, ArrowUp } from "lucide-react";
import { Button } from "@/ui/button";

interface MoveButtonsProps {
  index: number;
  count: number;
  upLabel: string;
  downLabel: string;
  onMove: (to: number) => void;
}

/** Changes the place of an item in a list without dragging it. */
export function MoveButtons({ index, count, upLabel, downLabel, onMove }: MoveButtonsProps) {
  return (
    <>
      <Button
        variant="ghost"
        size="icon-sm"
        disabled={index === 0}
        aria-label={upLabel}
        onClick={() => onMove(index - 1)}
      >
        <ArrowUp aria-hidden />
      </Button>
      <Button
        variant="ghost"
        size="icon-sm"
        disabled={index === count - 1}
        aria-label={downLabel}
        onClick={() => onMove(index + 1)}
      >
        <ArrowDown aria-hidden />
      </Button>
    </>
  );
}

/** The list with one of its items at another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
