import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";

/** A bar where content will be. It comes late, so that a fast answer never flashes it. */
export function Skeleton({ className, ...props }: ComponentProps<"span">) {
  return (
    <span data-slot="skeleton" aria-hidden className={cn("block animate-late", className)} {...props}>
      <span className="block h-full min-h-3 w-full animate-pulse rounded bg-hover" />
    </span>
  );
}
