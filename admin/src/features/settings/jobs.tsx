import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { History, Play } from "lucide-react";
import { useState } from "react";
import { type Job, jobRunsQuery, jobsKey, jobsQuery, runJob } from "@/api/crons";
import type { Column } from "@/components/data-table";
import { describeError } from "@/components/describe-error";
import { JobHistory, LastRun } from "@/components/job-history";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { type PlainKey, t } from "@/i18n";
import { Button } from "@/ui/button";
import { toast } from "@/ui/toast";

const pauseMs = 2000;

/** What the server's own jobs do, in words; others are shown by their names. */
const words: Record<string, PlainKey> = {
  __pbLogsCleanup__: "jobs.logs",
  __pbDBOptimize__: "jobs.optimize",
  __pbAutoBackup__: "jobs.backup",
  __pbMFACleanup__: "jobs.mfa",
  __pbOTPCleanup__: "jobs.otp",
  __tbSessionsCleanup__: "jobs.sessions",
  __tbLimitsCleanup__: "jobs.limits",
  __tbMailsCleanup__: "jobs.mails",
  __tbIdempotencyCleanup__: "jobs.idempotency",
  __tbChangesCleanup__: "jobs.changes",
  __tbRestoreCleanup__: "jobs.restore",
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
  const runs = useQuery({ ...jobRunsQuery(shown?.id ?? ""), enabled: shown !== null });
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
      cell: (job) => <LastRun {...job} />,
      className: "w-36 xl:w-56",
      skeleton: "w-32",
      card: "line",
    },
    {
      id: "next",
      header: t("jobs.next"),
      cell: ({ next }) => <Moment value={next} />,
      className: "w-24 text-ink-soft xl:w-32 xl:whitespace-nowrap",
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
      <JobHistory name={shown?.id ?? null} runs={runs} onClose={() => setShown(null)} />
    </ListSection>
  );
}
