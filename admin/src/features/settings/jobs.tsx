import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { History, Play } from "lucide-react";
import { useState } from "react";
import { type Job, type JobRun, jobRunsQuery, jobsKey, jobsQuery, runJob } from "@/api/crons";
import { type Column, DataTable, DataTableSkeleton } from "@/components/data-table";
import { describeError } from "@/components/describe-error";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { Notice, QueryView } from "@/components/query-view";
import { formatMilliseconds } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Sheet, SheetContent } from "@/ui/sheet";
import { toast } from "@/ui/toast";

const pauseMs = 2000;

const outcomes: Record<string, { label: PlainKey; tone: BadgeTone }> = {
  running: { label: "jobs.running", tone: "accent" },
  done: { label: "jobs.done", tone: "success" },
  failed: { label: "jobs.failed", tone: "danger" },
  interrupted: { label: "jobs.interrupted", tone: "warning" },
};

/** What the server's own jobs do, in words; others are shown by their names. */
const words: Record<string, PlainKey> = {
  __pbLogsCleanup__: "jobs.logs",
  __pbDBOptimize__: "jobs.optimize",
  __pbMFACleanup__: "jobs.mfa",
  __pbOTPCleanup__: "jobs.otp",
  __tbSessionsCleanup__: "jobs.sessions",
  __tbLimitsCleanup__: "jobs.limits",
  __tbMailsCleanup__: "jobs.mails",
  __tbIdempotencyCleanup__: "jobs.idempotency",
  __tbChangesCleanup__: "jobs.changes",
  __tbActivityCleanup__: "jobs.activity",
};

/** What runs by itself, when it runs next, and how it went. */
export function Jobs() {
  const queryClient = useQueryClient();
  const [shown, setShown] = useState<Job | null>(null);
  const jobs = useQuery({
    ...jobsQuery(),
    refetchInterval: ({ state }) => (state.data?.some(({ running }) => running) ? pauseMs : false),
  });
  const run = useMutation({
    mutationFn: ({ id }: Job) => runJob(id),
    onSuccess: async (_, { id }) => {
      toast.success(t("jobs.started", { name: id }));
      await queryClient.invalidateQueries({ queryKey: jobsKey });
    },
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
  });

  const columns: Column<Job>[] = [
    {
      id: "name",
      header: t("jobs.name"),
      cell: ({ id, expression }) => (
        <span className="grid gap-0.5">
          <span className="font-medium">{words[id] ? t(words[id]) : id}</span>
          <span className="font-mono text-ink-soft text-xs [overflow-wrap:anywhere]">
            {expression} · {id}
          </span>
        </span>
      ),
      skeleton: "w-48",
      card: "title",
    },
    {
      id: "last",
      header: t("jobs.last"),
      cell: ({ last, running }) =>
        running ? (
          <OutcomeBadge outcome="running" />
        ) : last ? (
          <span className="inline-flex flex-wrap items-center gap-2">
            <OutcomeBadge outcome={last.outcome} />
            <span className="text-ink-soft">
              <Moment value={last.started} />
            </span>
          </span>
        ) : (
          <span className="text-ink-soft">{t("jobs.never")}</span>
        ),
      className: "w-56",
      skeleton: "w-32",
      card: "line",
    },
    {
      id: "next",
      header: t("jobs.next"),
      cell: ({ next }) => <Moment value={next} />,
      className: "w-32 whitespace-nowrap text-ink-soft",
      skeleton: "w-20",
      card: "line",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (job) => (
        <span className="inline-flex gap-1">
          <Button
            size="sm"
            disabled={job.running}
            pending={run.isPending && run.variables?.id === job.id}
            aria-label={t("jobs.runOf", { name: job.id })}
            onClick={() => run.mutate(job)}
          >
            <Play aria-hidden />
            {t("jobs.run")}
          </Button>
          <Button
            size="icon-sm"
            variant="ghost"
            aria-label={t("jobs.historyOf", { name: job.id })}
            title={t("jobs.history")}
            onClick={() => setShown(job)}
          >
            <History aria-hidden />
          </Button>
        </span>
      ),
      className: "w-36 whitespace-nowrap text-right",
      skeleton: "w-20",
      card: "aside",
    },
  ];

  return (
    <ListSection
      title={t("jobs.title")}
      text={t("jobs.text")}
      query={jobs}
      columns={columns}
      rowKey={({ id }) => id}
      usually={6}
    >
      <Sheet open={shown !== null} onOpenChange={(open) => !open && setShown(null)}>
        <SheetContent title={t("jobs.history")} description={shown?.id} closeLabel={t("action.close")}>
          <div className="min-h-0 flex-1 overflow-y-auto px-4 py-5 sm:px-6">
            {shown && <Runs id={shown.id} />}
          </div>
        </SheetContent>
      </Sheet>
    </ListSection>
  );
}

function Runs({ id }: { id: string }) {
  const runs = useQuery(jobRunsQuery(id));
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
  return (
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
          <DataTable label={t("jobs.history")} columns={columns} rows={rows} rowKey={({ id: run }) => run} />
        )
      }
    </QueryView>
  );
}

function OutcomeBadge({ outcome }: { outcome: string }) {
  const known = outcomes[outcome];
  return <Badge tone={known?.tone ?? "outline"}>{known ? t(known.label) : outcome}</Badge>;
}
