import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";

interface CheckboxProps extends Omit<ComponentProps<"input">, "type" | "onChange"> {
  onCheckedChange?: (checked: boolean) => void;
}

/** The browser's own, with another face: a table draws one for each of its rows, and those must cost nothing. */
export function Checkbox({ className, onCheckedChange, ...props }: CheckboxProps) {
  return (
    <input
      type="checkbox"
      data-slot="checkbox"
      className={cn(
        "grid size-[1.125rem] shrink-0 appearance-none place-items-center rounded-[5px] border border-line-strong bg-surface shadow-lift hover:border-ink-soft disabled:opacity-55 forced-colors:appearance-auto",
        "checked:border-accent checked:bg-accent checked:before:size-2.5 checked:before:bg-on-accent checked:before:[clip-path:polygon(14%_44%,0_62%,42%_100%,100%_18%,84%_4%,40%_68%)]",
        className,
      )}
      onChange={(event) => onCheckedChange?.(event.target.checked)}
      {...props}
    />
  );
}
