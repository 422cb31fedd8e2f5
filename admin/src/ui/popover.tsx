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

interface PopoverOverProps extends ComponentProps<typeof Primitive.Content> {
  anchor: HTMLElement;
}

/** Over something that is no button: it begins where that begins, and is at least as wide. */
export function PopoverOver({ anchor, className, ...props }: PopoverOverProps) {
  const { width, height } = anchor.getBoundingClientRect();
  return (
    <>
      <Primitive.Anchor virtualRef={{ current: anchor }} />
      <Primitive.Portal>
        <Primitive.Content
          data-slot="popover"
          align="start"
          sideOffset={-height}
          collisionPadding={8}
          style={{ width: `max(${width}px, min(22rem, 100vw - 1rem))` }}
          className={cn(
            "z-50 grid grid-cols-[minmax(0,1fr)] gap-2 rounded-xl border border-line bg-surface p-2 shadow-float ring-2 ring-accent/60 focus-visible:outline-none",
            className,
          )}
          {...props}
        />
      </Primitive.Portal>
    </>
  );
}
