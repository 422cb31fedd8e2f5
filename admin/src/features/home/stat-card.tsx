import { Link } from "@tanstack/react-router";
import type { LucideIcon } from "lucide-react";
import { formatNumber } from "@/format";
import { t } from "@/i18n";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";

interface StatCardProps {
  icon: LucideIcon;
  label: string;
  /** Not there while it is being counted. */
  value: number | undefined;
  note?: string;
  to: Parameters<typeof Link>[0];
}

export function StatCard({ icon: Icon, label, value, note, to }: StatCardProps) {
  return (
    <li>
      <Card className="relative h-full transition-colors hover:border-line-strong">
        <Link
          {...to}
          className="grid gap-2 p-4 outline-none after:absolute after:inset-0 after:rounded-[inherit] focus-visible:after:outline-2 focus-visible:after:outline-accent"
        >
          <span className="flex items-center gap-2 text-ink-soft text-sm">
            <Icon aria-hidden className="size-4" />
            {label}
          </span>
          {value === undefined ? (
            <>
              <Skeleton className="h-8 w-16" />
              <span className="sr-only">{t("app.loading")}</span>
            </>
          ) : (
            <span className="font-semibold text-2xl tabular-nums tracking-tight">{formatNumber(value)}</span>
          )}
          {note && <span className="text-ink-soft text-xs">{note}</span>}
        </Link>
      </Card>
    </li>
  );
}
