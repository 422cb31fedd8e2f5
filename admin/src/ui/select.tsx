import { ChevronDown } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";
import { inputClasses } from "@/ui/input";

/** The platform's own list: it works with every keyboard, screen reader and phone. */
export function Select({ className, children, ...props }: ComponentProps<"select">) {
  return (
    <span data-slot="select" className={cn("relative block", className)}>
      <select className={cn(inputClasses, "appearance-none pr-9")} {...props}>
        {children}
      </select>
      <ChevronDown
        aria-hidden
        className="pointer-events-none absolute top-2.5 right-2.5 size-4 text-ink-soft"
      />
    </span>
  );
}
