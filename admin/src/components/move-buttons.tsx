import { ArrowDown, ArrowUp, type LucideIcon } from "lucide-react";
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
      <MoveButton icon={ArrowUp} label={upLabel} end={index === 0} onMove={() => onMove(index - 1)} />
      <MoveButton
        icon={ArrowDown}
        label={downLabel}
        end={index === count - 1}
        onMove={() => onMove(index + 1)}
      />
    </>
  );
}

interface MoveButtonProps {
  icon: LucideIcon;
  label: string;
  /** It goes no further: the button keeps the focus that brought the item here, and does nothing. */
  end: boolean;
  onMove: () => void;
}

function MoveButton({ icon: Icon, label, end, onMove }: MoveButtonProps) {
  return (
    <Button
      variant="ghost"
      size="icon-sm"
      aria-disabled={end || undefined}
      aria-label={label}
      onClick={end ? undefined : onMove}
    >
      <Icon aria-hidden />
    </Button>
  );
}

/** The list with one of its items at another place. */
export function moved<T>(items: readonly T[], from: number, to: number): T[] {
  const next = [...items];
  next.splice(to, 0, ...next.splice(from, 1));
  return next;
}
