import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";
import { inputClasses } from "@/ui/input";

/** At least as high as its rows, and as its text where the browser knows how: what is cut off is overlooked. */
export function Textarea({ className, rows = 4, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea
      data-slot="textarea"
      rows={rows}
      className={cn(
        inputClasses,
        "field-sizing-content h-auto max-h-[70dvh] resize-y py-2 leading-5",
        className,
      )}
      style={{ minHeight: `calc(${rows} * 1.25rem + 1rem + 2px)` }}
      {...props}
    />
  );
}
