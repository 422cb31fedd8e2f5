import { Progress as Primitive } from "radix-ui";
import { cn } from "@/ui/cn";

interface ProgressProps {
  /** From 0 to 1, or `null` while there is nothing to measure. */
  share: number | null;
  label: string;
  className?: string;
}

export function Progress({ share, label, className }: ProgressProps) {
  return (
    <Primitive.Root
      data-slot="progress"
      value={share === null ? null : Math.round(share * 100)}
      aria-label={label}
      className={cn("h-1.5 overflow-hidden rounded-full bg-hover", className)}
    >
      <Primitive.Indicator
        className={cn(
          "block h-full rounded-full bg-accent",
          share === null ? "w-2/5 animate-sweep" : "transition-[width]",
        )}
        style={share === null ? undefined : { width: `${share * 100}%` }}
      />
    </Primitive.Root>
  );
}
