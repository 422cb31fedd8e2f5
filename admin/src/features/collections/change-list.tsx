import { Minus, Pencil, Plus } from "lucide-react";
import { t } from "@/i18n";
import { cn } from "@/ui/cn";
import type { Change } from "./collection-changes";

const looks = {
  added: { icon: Plus, label: "changes.added", tone: "bg-success-soft text-success" },
  changed: { icon: Pencil, label: "changes.changed", tone: "bg-accent-soft text-accent" },
  removed: { icon: Minus, label: "changes.removed", tone: "bg-danger-soft text-danger" },
} as const;

export function ChangeList({ changes, label }: { changes: Change[]; label: string }) {
  return (
    <ul aria-label={label} className="grid gap-2">
      {changes.map(({ kind, what, details }) => {
        const { icon: Icon, label, tone } = looks[kind];
        return (
          <li key={`${kind} ${what} ${details.join()}`} className="flex gap-2.5">
            <span className={cn("mt-0.5 grid size-5 shrink-0 place-items-center rounded", tone)}>
              <Icon aria-hidden className="size-3.5" />
              <span className="sr-only">{t(label)}</span>
            </span>
            <span className="grid min-w-0 gap-0.5">
              <span className="font-medium text-sm [overflow-wrap:anywhere]">{what}</span>
              {details.map((detail) => (
                <span
                  key={detail}
                  className="font-mono text-ink-soft text-xs leading-5 [overflow-wrap:anywhere]"
                >
                  {detail}
                </span>
              ))}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
