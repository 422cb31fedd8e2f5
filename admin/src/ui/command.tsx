import { Command as Primitive } from "cmdk";
import { Search } from "lucide-react";
import type { ComponentProps } from "react";
import { cn } from "@/ui/cn";

export function Command({ className, ...props }: ComponentProps<typeof Primitive>) {
  return (
    <Primitive data-slot="command" className={cn("flex flex-col overflow-hidden", className)} {...props} />
  );
}

export function CommandInput({ className, ...props }: ComponentProps<typeof Primitive.Input>) {
  return (
    <div className="flex items-center gap-2 border-line border-b px-2.5">
      <Search aria-hidden className="size-4 shrink-0 text-ink-soft" />
      <Primitive.Input
        data-slot="command-input"
        className={cn(
          "h-9 w-full bg-transparent text-base outline-none placeholder:text-ink-soft/80 sm:text-sm",
          className,
        )}
        {...props}
      />
    </div>
  );
}

export function CommandList({ className, ...props }: ComponentProps<typeof Primitive.List>) {
  return (
    <Primitive.List
      className={cn("max-h-60 scroll-py-1 overflow-y-auto overflow-x-hidden py-1", className)}
      {...props}
    />
  );
}

export function CommandEmpty(props: ComponentProps<typeof Primitive.Empty>) {
  return <Primitive.Empty className="px-3 py-6 text-center text-ink-soft text-sm" {...props} />;
}

export function CommandItem({ className, ...props }: ComponentProps<typeof Primitive.Item>) {
  return (
    <Primitive.Item
      data-slot="command-item"
      className={cn(
        "flex min-h-8 cursor-default select-none items-center gap-2 rounded-md px-2.5 text-sm [overflow-wrap:anywhere] data-[selected=true]:bg-hover [&_svg]:size-4 [&_svg]:shrink-0",
        className,
      )}
      {...props}
    />
  );
}

export function CommandGroup({ className, ...props }: ComponentProps<typeof Primitive.Group>) {
  return (
    <Primitive.Group
      data-slot="command-group"
      className={cn(
        "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-ink-soft [&_[cmdk-group-heading]]:text-xs",
        className,
      )}
      {...props}
    />
  );
}
