import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";
import { inputClasses } from "@/ui/input";

export function Textarea({ className, rows = 4, ...props }: ComponentProps<"textarea">) {
  return (
    <textarea
      data-slot="textarea"
      rows={rows}
      className={cn(inputClasses, "h-auto min-h-9 resize-y py-2 leading-5", className)}
      {...props}
    />
  );
}
