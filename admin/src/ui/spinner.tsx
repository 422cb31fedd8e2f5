import { LoaderCircle } from "lucide-react";
import { cn } from "@/ui/cn";

/** A sign of work beside a text that says which; on its own it would say nothing to a screen reader. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle data-slot="spinner" aria-hidden className={cn("size-4 animate-spin", className)} />;
}
