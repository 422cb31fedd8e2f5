import { ChevronRight } from "lucide-react";
import { type ReactNode, useState } from "react";
import { cn } from "@/ui/cn";

interface FoldedProps {
  title: ReactNode;
  /** Begins unfolded. */
  begun?: boolean;
  /** Unfolded whatever a person has chosen: something in it has to be seen. */
  must?: boolean;
  /** What is in it is only there while it is unfolded: it would have to be asked for. */
  late?: boolean;
  className?: string;
  children: ReactNode;
}

/** What few people need, behind a line that says what it is. */
export function Folded({
  title,
  begun = false,
  must = false,
  late = false,
  className,
  children,
}: FoldedProps) {
  const [open, setOpen] = useState(begun);
  return (
    <details
      data-slot="folded"
      className={cn("group/folded min-w-0 text-sm", className)}
      open={open || must}
      onToggle={({ currentTarget }) => setOpen(currentTarget.open)}
    >
      <summary className="flex min-h-8 w-fit cursor-pointer items-center gap-1.5 rounded text-ink-soft marker:content-none hover:text-ink [&::-webkit-details-marker]:hidden">
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 transition-transform group-open/folded:rotate-90"
        />
        {title}
      </summary>
      <div className="mt-1.5">{(!late || open || must) && children}</div>
    </details>
  );
}
