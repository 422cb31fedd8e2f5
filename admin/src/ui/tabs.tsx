import { Tabs as Primitive } from "radix-ui";
import { type ComponentProps, useEffect, useRef } from "react";
import { cn } from "@/ui/cn";

export const Tabs = Primitive.Root;
export const TabsContent = Primitive.Content;

/** Where they do not all fit, they scroll, and the active one is brought into sight. */
export function TabsList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
  const list = useRef<HTMLDivElement>(null);
  const seen = useRef<Element | null>(null);
  // After every render: which tab is active stands in the document alone. What somebody scrolls to stays until another is.
  useEffect(() => {
    const active = list.current?.querySelector<HTMLElement>('[data-state="active"]');
    if (!list.current || !active || active === seen.current) return;
    seen.current = active;
    list.current.scrollLeft = active.offsetLeft - (list.current.clientWidth - active.offsetWidth) / 2;
  });
  return (
    <Primitive.List
      ref={list}
      data-slot="tabs"
      className={cn("relative -mb-px flex gap-3 overflow-x-auto border-line border-b", className)}
      {...props}
    />
  );
}

/**
 * The primitive focuses a pressed tab by script, which browsers take for the keyboard and draw a ring; the mark of the
 * press takes it away until a key is used.
 */
export function TabsTrigger({ className, ...props }: ComponentProps<typeof Primitive.Trigger>) {
  return (
    <Primitive.Trigger
      className={cn(
        "inline-flex h-10 items-center gap-2 whitespace-nowrap rounded-t-md border-transparent px-1.5 border-b-2 font-medium text-ink-soft text-sm transition-colors hover:text-ink focus-visible:outline-offset-[-2px] data-pressed:outline-none data-[state=active]:border-accent data-[state=active]:text-ink",
        className,
      )}
      onPointerDown={({ currentTarget }) => currentTarget.setAttribute("data-pressed", "")}
      onKeyDown={({ currentTarget }) => currentTarget.removeAttribute("data-pressed")}
      onBlur={({ currentTarget }) => currentTarget.removeAttribute("data-pressed")}
      {...props}
    />
  );
}
