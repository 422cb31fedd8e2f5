import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";

export function Card({ className, ...props }: ComponentProps<"div">) {
  return (
    <div
      data-slot="card"
      className={cn("rounded-xl border border-line bg-surface shadow-lift", className)}
      {...props}
    />
  );
}
