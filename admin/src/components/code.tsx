import type { ReactNode } from "react";
import { CopyButton } from "@/components/copy-button";
import { cn } from "@/ui/cn";

/** A name, an id or an expression as the machine spells it. */
export function Code({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <code className={cn("rounded bg-hover px-1.5 py-0.5 font-mono text-[0.8125rem] text-ink", className)}>
      {children}
    </code>
  );
}

/** A line to run in a shell. */
export function CommandLine({ command, className }: { command: string; className?: string }) {
  return (
    <div
      className={cn(
        "flex max-w-full items-center gap-1 rounded-lg border border-line bg-sunken py-1 pr-1 pl-3 text-left",
        className,
      )}
    >
      <code className="min-w-0 flex-1 break-words py-0.5 font-mono text-[0.8125rem] text-ink [overflow-wrap:anywhere]">
        {command}
      </code>
      <CopyButton value={command} />
    </div>
  );
}
