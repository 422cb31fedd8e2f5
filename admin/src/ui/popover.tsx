import { Popover as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";

export const Popover = Primitive.Root;
export const PopoverTrigger = Primitive.Trigger;

/** Not in a portal: inside a dialog it must stay within what the dialog traps and scrolls. */
export function PopoverContent({
  className,
  align = "start",
  sideOffset = 4,
  ...props
}: ComponentProps<typeof Primitive.Content>) {
  return (
    <Primitive.Content
      data-slot="popover"
      align={align}
      sideOffset={sideOffset}
      collisionPadding={8}
      className={cn(
        "z-50 w-(--radix-popover-trigger-width) animate-arrive rounded-xl border border-line bg-surface p-1 shadow-float focus-visible:outline-none",
        className,
      )}
      {...props}
    />
  );
}
