import { Tooltip as Primitive } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";
import { cn } from "@/ui/cn";

export const TooltipProvider = Primitive.Provider;

interface TooltipProps extends Omit<ComponentProps<typeof Primitive.Content>, "content"> {
  content: ReactNode;
  children: ReactNode;
}

/** A hint for a control that can be focused. What it says must also be readable without it. */
export function Tooltip({ content, children, className, sideOffset = 6, ...props }: TooltipProps) {
  return (
    <Primitive.Root>
      <Primitive.Trigger asChild>{children}</Primitive.Trigger>
      <Primitive.Portal>
        <Primitive.Content
          data-slot="tooltip"
          sideOffset={sideOffset}
          collisionPadding={8}
          className={cn(
            "z-50 max-w-72 animate-fade rounded-md bg-ink px-2 py-1 text-canvas text-xs leading-5 shadow-float",
            className,
          )}
          {...props}
        >
          {content}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
