import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { ArrowRight, CircleStop, HardDrive, PackageOpen } from "lucide-react";
import { useState } from "react";
import { movedShare, moveStorage, type StorageMove, stopStorageMove, storageMoveQuery } from "@/api/storage";
import { statsKey } from "@/api/system";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { describeError } from "@/components/describe-error";
import { Moment } from "@/components/moment";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { formatBytes, formatShare } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Progress } from "@/ui/progress";
import { Skeleton } from "@/ui/skeleton";

const pauseMs = 1000;

interface StorageMovePanelProps {
  /** Where new files go, by the settings that are saved. */
  to: "s3" | "local";
  /** There is a bucket in the settings, so that there are two places. */
  hasBucket: boolean;
}

/** Moves the files there are to where new ones go, and shows how far it is. Meanwhile every file can be had. */
export function StorageMovePanel({ to, hasBucket }: StorageMovePanelProps) {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const move = useQuery({
    ...storageMoveQuery(),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? pauseMs : false),
  });
  // What is fetched every second needs no sign that it is.
  const query = { ...move, isFetching: move.isFetching && move.data === undefined };
  const { queryKey } = storageMoveQuery();

  const start = useMutation({
    mutationFn: () => moveStorage(to),
    onSuccess: (begun) => {
      queryClient.setQueryData(queryKey, begun);
      setAsking(false);
    },
  });
  const stop = useMutation({
    mutationFn: stopStorageMove,
    onSettled: async () => {
      await queryClient.invalidateQueries({ queryKey });
      await queryClient.invalidateQueries({ queryKey: statsKey });
    },
  });

  return (
    <Section title={t("move.title")} description={t("move.text")}>
      <QueryView query={query} label={t("move.title")} skeleton={<Skeleton className="h-28 w-full" />}>
        {(state) => (
          <Card className="grid grid-cols-[minmax(0,1fr)] gap-4 px-4 py-4 sm:px-5">
            <Way to={state.state === "running" ? state.to : to} />
            {state.state !== "idle" && <Course move={state} stopping={stop.isPending || stop.isSuccess} />}
            {stop.error && (
              <Alert tone="danger" title={describeError(stop.error).title}>
                {describeError(stop.error).text}
              </Alert>
            )}
            <div className="flex flex-wrap items-center gap-3">
              {state.state === "running" ? (
                <Button pending={stop.isPending} onClick={() => stop.mutate()}>
                  {!stop.isPending && <CircleStop aria-hidden />}
                  {t("move.stop")}
                </Button>
              ) : (
                <Button
                  variant="primary"
                  disabled={!hasBucket}
                  onClick={() => {
                    start.reset();
                    stop.reset();
                    setAsking(true);
                  }}
                >
                  {t(canGoOn(state, to) ? "move.goOn" : "move.start")}
                </Button>
              )}
              {!hasBucket && <span className="text-ink-soft text-sm">{t("move.onePlace")}</span>}
            </div>
          </Card>
        )}
      </QueryView>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t(to === "s3" ? "move.askBucket" : "move.askDisk")}
        description={t("move.askText")}
        confirm={t("move.start")}
        onConfirm={() => start.mutate()}
        pending={start.isPending}
        error={start.error}
      />
    </Section>
  );
}

/** A move to the same place that did not come to its end. */
function canGoOn({ state, to: before }: StorageMove, to: string): boolean {
  return before === to && (state === "failed" || state === "cancelled");
}

/** From where to where. */
function Way({ to }: { to: string }) {
  const places = [
    { name: "local", icon: HardDrive, label: t("move.disk") },
    { name: "s3", icon: PackageOpen, label: t("move.bucket") },
  ];
  const [from, goal] = to === "s3" ? places : [...places].reverse();
  if (!from || !goal) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-2.5 gap-y-1 font-medium text-sm">
      <from.icon aria-hidden className="size-4 text-ink-soft" />
      {from.label}
      <ArrowRight aria-hidden className="size-4 text-ink-soft" />
      <span className="sr-only">{t("move.to")}</span>
      <goal.icon aria-hidden className="size-4 text-ink-soft" />
      {goal.label}
    </p>
  );
}

const states: Record<string, { label: PlainKey; tone: BadgeTone }> = {
  running: { label: "move.running", tone: "accent" },
  done: { label: "move.done", tone: "success" },
  failed: { label: "move.failed", tone: "danger" },
  cancelled: { label: "move.cancelled", tone: "warning" },
};

/** How far it is, or how it ended. */
function Course({ move, stopping }: { move: StorageMove; stopping: boolean }) {
  const { state, files, bytes, movedFiles, movedBytes, failedFiles, problem, started, ended } = move;
  const running = state === "running";
  const share = movedShare(move);
  const known = states[state];
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span role="status">
          <Badge tone={known?.tone ?? "outline"}>
            {running && stopping ? t("move.stopping") : known ? t(known.label) : state}
          </Badge>
        </span>
        <span className="tabular-nums">
          {t("move.files", { moved: movedFiles, files })}
          <span className="text-ink-soft">
            {" · "}
            {t("backups.bytes", { done: formatBytes(movedBytes), total: formatBytes(bytes) })}
          </span>
        </span>
        <span className="ml-auto text-ink-soft tabular-nums">
          {running && share !== null ? formatShare(share) : <Moment value={ended || started} />}
        </span>
      </div>
      {running && <Progress share={share} label={t("move.running")} />}
      {(failedFiles > 0 || problem !== "") && (
        <Alert
          tone={running ? "warning" : "danger"}
          title={failedFiles > 0 ? t("move.failedFiles", { count: failedFiles }) : t("move.problem")}
        >
          {problem !== "" && <p className="[overflow-wrap:anywhere]">{problem}</p>}
          {!running && <p>{t("move.rest")}</p>}
        </Alert>
      )}
    </div>
  );
}
