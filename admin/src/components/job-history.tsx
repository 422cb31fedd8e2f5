/** How the runs of a job ended: as a badge, and as a list in a sheet. */
import type { UseQueryResult } from "@tanstack/react-query";
import { History } from "lucide-react";
import type { JobRun } from "@/api/crons";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { Moment } from "@/components/moment";
import { Notice, QueryView } from "@/components/query-view";
import { formatMilliseconds } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Sheet, SheetContent } from "@/ui/sheet";

const outcomes: Record<string, { label: PlainKey; tone: BadgeTone }> = {
  running: { label: "jobs.running", tone: "accent" },
  done: { label: "jobs.done", tone: "success" },
  failed: { label: "jobs.failed", tone: "danger" },
  interrupted: { label: "jobs.interrupted", tone: "warning" },
};

export function OutcomeBadge({ outcome }: { outcome: string }) {
  const known = outcomes[outcome];
  return <Badge tone={known?.tone ?? "outline"}>{known ? t(known.label) : outcome}</Badge>;
}

interface LastRunProps {
  running: boolean;
  last: JobRun | null;
}

/** How it went the last time, or that it is at it. */
export function LastRun({ running, last }: LastRunProps) {
  if (running) return <OutcomeBadge outcome="running" />;
  if (!last) return <span className="text-ink-soft">{t("jobs.never")}</span>;
  return (
    <span className="inline-flex flex-wrap items-center gap-2">
      <OutcomeBadge outcome={last.outcome} />
      <span className="text-ink-soft">
        <Moment value={last.started} />
      </span>
    </span>
  );
}

interface JobHistoryProps {
  /** Whose runs they are; nothing while the sheet is closed. */
  name: string | null;
  runs: UseQueryResult<JobRun[]>;
  onClose: () => void;
}

/** The latest runs of a job, the newest first. */
export function JobHistory({ name, runs, onClose }: JobHistoryProps) {
  return (
    <Sheet open={name !== null} onOpenChange={(open) => !open && onClose()}>
      <SheetContent title={t("jobs.history")} description={name} closeLabel={t("action.close")}>
        <div className="min-h-0 flex-1 overflow-y-auto px-4 py-5 sm:px-6">
          <QueryView
            query={runs}
            label={t("jobs.history")}
            skeleton={<DataTableSkeleton columns={columns} rows={4} />}
          >
            {(rows) =>
              rows.length === 0 ? (
                <Notice icon={History} title={t("jobs.never")} className="py-8">
                  {t("jobs.neverText")}
                </Notice>
              ) : (
                <DataTable label={t("jobs.history")} columns={columns} rows={rows} rowKey={({ id }) => id} />
              )
            }
          </QueryView>
        </div>
      </SheetContent>
    </Sheet>
  );
}

const columns: Column<JobRun>[] = [
  {
    id: "outcome",
    header: t("jobs.outcome"),
    cell: ({ outcome }) => <OutcomeBadge outcome={outcome} />,
    className: "w-28",
    skeleton: "w-14",
    card: "aside",
  },
  {
    id: "started",
    header: t("requests.when"),
    cell: ({ started, cause }) => (
      <span className="grid">
        <Moment value={started} />
        <span className="text-ink-soft text-xs">
          {cause === "request" ? t("jobs.byHand") : t("jobs.bySchedule")}
        </span>
      </span>
    ),
    className: "whitespace-nowrap",
    skeleton: "w-24",
    card: "title",
  },
  {
    id: "detail",
    header: t("jobs.detail"),
    cell: ({ detail }) => <span className="[overflow-wrap:anywhere]">{detail || t("value.none")}</span>,
    skeleton: "w-24",
    card: "line",
  },
  {
    id: "took",
    header: t("requests.took"),
    cell: ({ durationMs }) => formatMilliseconds(durationMs),
    className: "w-20 text-right tabular-nums text-ink-soft",
    skeleton: "w-10",
    card: "line",
  },
];
