import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { DatabaseZap, RefreshCw, ScanSearch } from "lucide-react";
import { useState } from "react";
import { isMoving, restartSync, type SyncStatus, syncQuery, verifySync } from "@/api/sync";
import { ConfirmDialog } from "@/components/confirm-dialog";
import { describeError } from "@/components/describe-error";
import { Moment } from "@/components/moment";
import { Section } from "@/components/page";
import { Notice, QueryView } from "@/components/query-view";
import { formatDuration } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Alert } from "@/ui/alert";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { SyncCollections } from "./sync-collections";
import { SyncVerdict } from "./sync-verdict";

const soonMs = 1000;
const laterMs = 5000;

/** How far the copy is, and what can be done with it. */
export function SyncState() {
  const queryClient = useQueryClient();
  const [asking, setAsking] = useState(false);
  const found = useQuery({
    ...syncQuery(),
    refetchInterval: ({ state }) => (state.data && isMoving(state.data) ? soonMs : laterMs),
  });
  // What is fetched all the time needs no sign that it is.
  const query = { ...found, isFetching: found.isFetching && found.data === undefined };
  const { queryKey } = syncQuery();
  const verify = useMutation({
    mutationFn: verifySync,
    onSuccess: () => queryClient.invalidateQueries({ queryKey }),
  });
  const restart = useMutation({
    mutationFn: restartSync,
    onSuccess: (status) => {
      queryClient.setQueryData(queryKey, status);
      setAsking(false);
    },
  });

  return (
    <Section title={t("sync.state")} description={t("sync.stateText")}>
      <QueryView query={query} label={t("sync.state")} skeleton={<Skeleton className="h-40 w-full" />}>
        {(status) =>
          status.state === "off" ? (
            <Notice icon={DatabaseZap} title={t("sync.off")}>
              {t("sync.offText")}
            </Notice>
          ) : (
            <div className="grid grid-cols-[minmax(0,1fr)] gap-3">
              <Card className="grid grid-cols-[minmax(0,1fr)] gap-4 px-4 py-4 sm:px-5">
                <Course status={status} />
                {status.error !== "" && (
                  <Alert tone="danger" title={t("sync.problem")}>
                    <p className="[overflow-wrap:anywhere]">{status.error}</p>
                    <p>{t("sync.again")}</p>
                  </Alert>
                )}
                <SyncVerdict verify={status.verify} />
                {verify.error && (
                  <Alert tone="danger" title={describeError(verify.error).title}>
                    {describeError(verify.error).text}
                  </Alert>
                )}
                <div className="flex flex-wrap items-center gap-2">
                  <Button
                    pending={verify.isPending}
                    disabled={status.verify.state === "running"}
                    onClick={() => verify.mutate()}
                  >
                    {!verify.isPending && <ScanSearch aria-hidden />}
                    {t("sync.verify")}
                  </Button>
                  <Button
                    onClick={() => {
                      restart.reset();
                      setAsking(true);
                    }}
                  >
                    <RefreshCw aria-hidden />
                    {t("sync.restart")}
                  </Button>
                </div>
              </Card>
              <SyncCollections collections={status.collections} />
            </div>
          )
        }
      </QueryView>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={t("sync.askRestart")}
        description={t("sync.askRestartText")}
        confirm={t("sync.restart")}
        onConfirm={() => restart.mutate()}
        pending={restart.isPending}
        error={restart.error}
      />
    </Section>
  );
}

const states: Record<string, { label: PlainKey; tone: BadgeTone }> = {
  starting: { label: "sync.starting", tone: "neutral" },
  copying: { label: "sync.copying", tone: "accent" },
  following: { label: "sync.following", tone: "success" },
  failing: { label: "sync.failing", tone: "danger" },
};

/** In a line: how it is, how far behind, where it is. */
function Course({ status: { state, url, behind, behindMs, lastSuccess } }: { status: SyncStatus }) {
  const known = states[state];
  const inStep = state === "following" && behind === 0;
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-1.5">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <span role="status">
          <Badge tone={known?.tone ?? "outline"}>{known ? t(known.label) : state}</Badge>
        </span>
        {inStep && <span>{t("sync.inStep")}</span>}
        {behind > 0 && (
          <span className="tabular-nums">
            {t("sync.behind", { count: behind })}
            <span className="text-ink-soft">
              {" · "}
              {t("sync.behindSince", { time: formatDuration(behindMs / 1000) })}
            </span>
          </span>
        )}
        {lastSuccess !== "" && (
          <span className="text-ink-soft sm:ml-auto">
            {t("sync.last")} <Moment value={lastSuccess} />
          </span>
        )}
      </div>
      <p className="font-mono text-ink-soft text-xs [overflow-wrap:anywhere]">{url}</p>
    </div>
  );
}
