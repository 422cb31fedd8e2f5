import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { CalendarClock, History, Play, Plus, Settings2, Trash2 } from "lucide-react";
import { useState } from "react";
import { type Job, jobRunsQuery, jobsKey, jobsQuery, runJob } from "@/api/crons";
import { endSchedule, type PluginSchedule, saveSchedule, schedulesQuery } from "@/api/plugin-moments";
import type { Plugin } from "@/api/types";
import { ConfirmDialog } from "@/components/confirm-dialog";
import type { Column } from "@/components/data-table";
import { describeError } from "@/components/describe-error";
import { JobHistory, LastRun } from "@/components/job-history";
import { ListSection } from "@/components/list-section";
import { Moment } from "@/components/moment";
import { Notice } from "@/components/query-view";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Switch } from "@/ui/switch";
import { toast } from "@/ui/toast";
import { ScheduleSheet } from "./schedule-sheet";

const pauseMs = 2000;
const idlePauseMs = 30_000;

/** When a plugin is called by the clock: each time a job of its own, which can be begun by hand and has a history. */
export function Schedules({ plugin }: { plugin: Plugin }) {
  const queryClient = useQueryClient();
  const [editing, setEditing] = useState<PluginSchedule | "new" | null>(null);
  const [leaving, setLeaving] = useState<PluginSchedule | null>(null);
  const [shown, setShown] = useState<PluginSchedule | null>(null);
  const schedules = useQuery(schedulesQuery(plugin.id));
  const own = new Set(schedules.data?.map(({ cron }) => cron));
  const jobs = useQuery({
    ...jobsQuery(),
    refetchInterval: ({ state }) =>
      state.data?.some(({ id, running }) => running && own.has(id)) ? pauseMs : idlePauseMs,
  });
  const runs = useQuery({
    ...jobRunsQuery(shown?.cron ?? ""),
    enabled: shown !== null,
    refetchInterval: ({ state }) =>
      state.data?.some(({ outcome }) => outcome === "running") ? pauseMs : false,
  });

  const refresh = () =>
    Promise.all([
      queryClient.invalidateQueries({ queryKey: schedulesQuery(plugin.id).queryKey }),
      queryClient.invalidateQueries({ queryKey: jobsKey }),
    ]);
  const tell = (error: Error) =>
    toast.error(describeError(error).title, { description: describeError(error).text });
  const run = useMutation({
    mutationFn: ({ cron }: PluginSchedule) => runJob(cron),
    onSuccess: async (_, { name }) => {
      toast.success(t("jobs.started", { name }));
      await refresh();
    },
    onError: tell,
  });
  const enable = useMutation({
    mutationFn: ({ id, enabled }: PluginSchedule) => saveSchedule(plugin.id, id, { enabled: !enabled }),
    onSuccess: refresh,
    onError: tell,
  });
  const end = useMutation({
    mutationFn: ({ id }: PluginSchedule) => endSchedule(plugin.id, id),
    onSuccess: async (_, { name }) => {
      await refresh();
      setLeaving(null);
      toast.success(t("schedules.ended", { name }));
    },
  });

  const columns = scheduleColumns({
    job: (schedule) => jobs.data?.find(({ id }) => id === schedule.cron),
    starting: run.isPending ? run.variables.id : null,
    switching: enable.isPending ? enable.variables.id : null,
    onRun: (schedule) => run.mutate(schedule),
    onEnable: (schedule) => enable.mutate(schedule),
    onHistory: setShown,
    onEdit: setEditing,
    onEnd: (schedule) => {
      end.reset();
      setLeaving(schedule);
    },
  });
  return (
    <ListSection
      title={t("schedules.title")}
      text={t("schedules.text")}
      query={schedules}
      columns={columns}
      rowKey={({ id }) => id}
      usually={2}
      actions={
        <Button variant="primary" onClick={() => setEditing("new")}>
          <Plus aria-hidden />
          {t("schedules.add")}
        </Button>
      }
      empty={
        <Notice icon={CalendarClock} title={t("schedules.empty.title")} className="py-8">
          {t("schedules.empty.text")}
        </Notice>
      }
    >
      <ScheduleSheet
        plugin={plugin}
        schedule={editing}
        onSaved={async () => {
          await refresh();
          setEditing(null);
        }}
        onClose={() => setEditing(null)}
      />
      <JobHistory name={shown?.cron ?? null} runs={runs} onClose={() => setShown(null)} />
      <ConfirmDialog
        open={leaving !== null}
        onClose={() => setLeaving(null)}
        title={t("schedules.endTitle", { name: leaving?.name ?? "" })}
        description={t("schedules.endText")}
        confirm={t("schedules.end")}
        onConfirm={() => leaving && end.mutate(leaving)}
        pending={end.isPending}
        error={end.error}
      />
    </ListSection>
  );
}

interface RowActions {
  /** What the server makes of it; nothing while it, or its plugin, is off. */
  job: (schedule: PluginSchedule) => Job | undefined;
  /** The ids of those that are being begun and switched. */
  starting: string | null;
  switching: string | null;
  onRun: (schedule: PluginSchedule) => void;
  onEnable: (schedule: PluginSchedule) => void;
  onHistory: (schedule: PluginSchedule) => void;
  onEdit: (schedule: PluginSchedule) => void;
  onEnd: (schedule: PluginSchedule) => void;
}

function scheduleColumns(actions: RowActions): Column<PluginSchedule>[] {
  const { job, starting, switching, onRun, onEnable, onHistory, onEdit, onEnd } = actions;
  return [
    {
      id: "name",
      header: t("schedules.name"),
      cell: ({ name, expression }) => (
        <span className="grid gap-0.5">
          <span className="font-medium [overflow-wrap:anywhere]">{name}</span>
          <span className="font-mono text-ink-soft text-xs">{expression}</span>
        </span>
      ),
      className: "min-w-36",
      skeleton: "w-36",
      card: "title",
    },
    {
      id: "last",
      header: t("jobs.last"),
      cell: (schedule) => <LastRun running={false} last={null} {...job(schedule)} />,
      className: "w-36 xl:w-52",
      skeleton: "w-28",
      card: "line",
    },
    {
      id: "next",
      header: t("jobs.next"),
      cell: (schedule) => {
        const next = job(schedule)?.next;
        return next ? <Moment value={next} /> : t("schedules.off");
      },
      className: "w-24 text-ink-soft xl:w-28 xl:whitespace-nowrap",
      skeleton: "w-16",
      card: "line",
    },
    {
      id: "enabled",
      header: t("attachment.enabled"),
      cell: (schedule) => (
        <Switch
          aria-label={t("schedules.enableOf", { name: schedule.name })}
          checked={switching === schedule.id ? !schedule.enabled : schedule.enabled}
          disabled={switching === schedule.id}
          onCheckedChange={() => onEnable(schedule)}
        />
      ),
      className: "w-20",
      skeleton: "w-8",
      card: "aside",
    },
    {
      id: "actions",
      header: t("attachments.column.actions"),
      headerHidden: true,
      cell: (schedule) => {
        const { name } = schedule;
        return (
          <span className="inline-flex items-center gap-1">
            <Button
              size="sm"
              disabled={job(schedule)?.running !== false}
              pending={starting === schedule.id}
              aria-label={t("jobs.runOf", { name })}
              onClick={() => onRun(schedule)}
            >
              <Play aria-hidden />
              {t("jobs.run")}
            </Button>
            <IconButton
              icon={History}
              label={t("jobs.historyOf", { name })}
              onClick={() => onHistory(schedule)}
            />
            <IconButton
              icon={Settings2}
              label={t("schedules.edit", { name })}
              onClick={() => onEdit(schedule)}
            />
            <IconButton
              icon={Trash2}
              label={t("schedules.endOf", { name })}
              danger
              onClick={() => onEnd(schedule)}
            />
          </span>
        );
      },
      className: "w-56 whitespace-nowrap text-right",
      skeleton: "w-32",
      card: "line",
    },
  ];
}

interface IconButtonProps {
  icon: typeof History;
  label: string;
  danger?: boolean;
  onClick: () => void;
}

function IconButton({ icon: Icon, label, danger, onClick }: IconButtonProps) {
  return (
    <Button
      size="icon-sm"
      variant="ghost"
      aria-label={label}
      title={label}
      className={danger ? "hover:bg-danger-soft hover:text-danger" : undefined}
      onClick={onClick}
    >
      <Icon aria-hidden />
    </Button>
  );
}
