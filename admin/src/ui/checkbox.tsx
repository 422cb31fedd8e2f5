import { Check } from "lucide-react";
import { Checkbox as Primitive } from "radix-ui";
import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";

export function Checkbox({ className, ...props }: ComponentProps<typeof Primitive.Root>) {
  return (
    <Primitive.Root
      data-slot="checkbox"
      className={cn(
        "grid size-[1.125rem] shrink-0 place-items-center rounded-[5px] border border-line-strong bg-surface shadow-lift transition-colors hover:border-ink-soft disabled:opacity-55 data-[state=checked]:border-accent data-[state=checked]:bg-accent",
        className,
      )}
      {...props}
    >
      <Primitive.Indicator>
        <Check aria-hidden className="size-3.5 text-on-accent" strokeWidth={3} />
      </Primitive.Indicator>
    </Primitive.Root>
  );
}
