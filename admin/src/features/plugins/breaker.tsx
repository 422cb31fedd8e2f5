import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { type Breaker, breakersQuery, resetBreaker } from "@/api/plugin-watch";
import { keys } from "@/api/queries";
import type { Plugin } from "@/api/types";
import { describeError } from "@/components/describe-error";
import { Moment } from "@/components/moment";
import { Section } from "@/components/page";
import { QueryView } from "@/components/query-view";
import { formatDuration } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Skeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { hookLabel } from "./hooks";

const pauseMs = 3000;
const looks: Record<Breaker["state"], { label: PlainKey; tone: BadgeTone }> = {
  closed: { label: "breaker.closed", tone: "success" },
  open: { label: "breaker.open", tone: "danger" },
  halfOpen: { label: "breaker.halfOpen", tone: "warning" },
};

/** Which hooks are stopped because they failed too often, and the way to let them be called again. */
export function BreakerList({ plugin }: { plugin: Plugin }) {
  const queryClient = useQueryClient();
  const breakers = useQuery({ ...breakersQuery(plugin.id), refetchInterval: pauseMs });
  const query = { ...breakers, isFetching: breakers.isFetching && breakers.data === undefined };
  const reset = useMutation({
    mutationFn: (hook: string) => resetBreaker(plugin.id, hook),
    onSuccess: async () => {
      await queryClient.invalidateQueries({ queryKey: keys.plugins });
      toast.success(t("breaker.done"));
    },
    onError: (error) => toast.error(describeError(error).title, { description: describeError(error).text }),
  });
  return (
    <Section title={t("breaker.title")} description={t("breaker.text")}>
      <QueryView query={query} label={t("breaker.title")} skeleton={<Skeleton className="h-16 w-full" />}>
        {({ hooks }) => (
          <Card className="overflow-hidden">
            <ul aria-label={t("breaker.title")} className="divide-y divide-line">
              {hooks.map((breaker) => (
                <Row
                  key={breaker.hook}
                  breaker={breaker}
                  pending={reset.isPending && reset.variables === breaker.hook}
                  onReset={() => reset.mutate(breaker.hook)}
                />
              ))}
            </ul>
          </Card>
        )}
      </QueryView>
    </Section>
  );
}

interface RowProps {
  breaker: Breaker;
  pending: boolean;
  onReset: () => void;
}

function Row({
  breaker: { hook, state, calls, failures, probeAt, pauseMs: pause },
  pending,
  onReset,
}: RowProps) {
  const { label, tone } = looks[state] ?? looks.closed;
  const name = hookLabel(hook);
  return (
    <li className="flex min-h-12 items-center gap-3 px-4 py-2 max-sm:flex-wrap">
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 max-sm:basis-full">
        {/* One below the other, so that the states are. */}
        <span className="font-medium text-sm sm:min-w-32">{name ? t(name) : hook}</span>
        <Badge tone={tone}>{t(label)}</Badge>
        <span className="text-ink-soft text-sm tabular-nums max-sm:w-full">
          {calls > 0 ? t("breaker.lately", { count: calls, failures }) : t("breaker.idle")}
        </span>
        {probeAt && (
          <span className="text-ink-soft text-sm">
            {t("breaker.probe")} <Moment value={probeAt} />
            {pause !== undefined && ` · ${t("breaker.pause", { pause: formatDuration(pause / 1000) })}`}
          </span>
        )}
      </div>
      {state !== "closed" && (
        <Button size="sm" className="ml-auto shrink-0" pending={pending} onClick={onReset}>
          <RotateCcw aria-hidden />
          {t("breaker.reset")}
        </Button>
      )}
    </li>
  );
}
