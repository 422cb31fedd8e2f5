import { CircleCheck, CircleX, OctagonX } from "lucide-react";
import type { ReactNode } from "react";
import type { Trial, TrialRequest } from "@/api/plugin-watch";
import { ChangedValues } from "@/components/changed-values";
import { recordChanges } from "@/components/record-diff";
import { formatBytes, formatClock, formatMilliseconds, formatNumber, parseMoment } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { Card } from "@/ui/card";
import { cn } from "@/ui/cn";
import { axisWords } from "./axes";
import { Gauge } from "./gauge";
import { LevelBadge } from "./plugin-signs";

const mib = 1_048_576;
const results = {
  accepted: { label: "test.accepted", tone: "text-success", icon: CircleCheck },
  refused: { label: "test.refused", tone: "text-warning", icon: CircleX },
  failed: { label: "test.failed", tone: "text-danger", icon: OctagonX },
} as const satisfies Record<string, { label: PlainKey; tone: string; icon: typeof CircleX }>;

/** What a hook said, changed, wrote, logged and used. */
export function TestResult({ trial, request }: { trial: Trial; request: TrialRequest }) {
  const { result, message, axis, errors = {}, changes = {}, writes, log, usage, limits } = trial;
  const { label, tone, icon: Icon } = results[result];
  const document = request.record as Record<string, unknown> | undefined;
  const changed = recordChanges(pick(document, Object.keys(changes)), changes);
  return (
    <Card className="grid content-start gap-5 px-4 py-4 sm:px-5">
      <div role="status" className="grid gap-1">
        <p className={cn("flex items-center gap-2 font-medium", tone)}>
          <Icon aria-hidden className="size-5" />
          {t(label)}
        </p>
        {axis && <p className="font-medium text-sm">{axisWords(axis)}</p>}
        {message && <p className="text-ink-soft text-sm [overflow-wrap:anywhere]">{message}</p>}
      </div>
      {Object.keys(errors).length > 0 && (
        <Part title={t("test.errors")}>
          <ul className="grid gap-1 text-sm">
            {Object.entries(errors).map(([field, { code, message: words }]) => (
              <li key={field} className="flex flex-wrap items-baseline gap-x-2">
                <code className="font-mono text-xs">{field}</code>
                <span className="text-danger">{words}</span>
                <code className="font-mono text-ink-soft text-xs">{code}</code>
              </li>
            ))}
          </ul>
        </Part>
      )}
      {result === "accepted" && request.record !== undefined && (
        <Part title={t("test.changes")}>
          {changed.length > 0 ? (
            <ChangedValues changes={changed} />
          ) : (
            <p className="text-ink-soft text-sm">{t("test.noChanges")}</p>
          )}
        </Part>
      )}
      {writes.length > 0 && (
        <Part title={t("test.writes")}>
          <ul className="grid gap-1.5">
            {writes.map((write, index) => (
              <li
                // biome-ignore lint/suspicious/noArrayIndexKey: writes have no names, and repeat.
                key={index}
                className="grid gap-0.5 rounded-md bg-sunken px-2.5 py-1.5 font-mono text-xs leading-5"
              >
                <span>{[write.verb, write.collection, write.id].filter(Boolean).join(" ")}</span>
                {write.fields && (
                  <span className="text-ink-soft [overflow-wrap:anywhere]">
                    {JSON.stringify(write.fields)}
                  </span>
                )}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Part title={t("test.usage")}>
        <div className="grid gap-3 sm:grid-cols-2">
          <Gauge label={t("usage.fuel")} value={usage.fuel} limit={limits.fuel} format={formatNumber} />
          <Gauge
            label={t("usage.wall")}
            value={usage.wallMs}
            limit={limits.wallMs}
            format={formatMilliseconds}
          />
          <Gauge
            label={t("usage.memory")}
            value={usage.memoryBytes}
            limit={limits.memoryMb * mib}
            format={formatBytes}
          />
          <Gauge
            label={t("usage.hostCalls")}
            value={usage.hostCalls}
            limit={limits.hostCalls || undefined}
            format={formatNumber}
          />
        </div>
      </Part>
      {log.length > 0 && (
        <Part title={t("logs.title")}>
          <ol className="grid gap-1 font-mono text-xs leading-5">
            {[...log].reverse().map(({ time, level, message: line }, index) => {
              const moment = parseMoment(time);
              return (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and repeat.
                <li key={index} className="flex flex-wrap items-baseline gap-x-2">
                  <span className="text-ink-soft">{moment ? formatClock(moment) : time}</span>
                  <LevelBadge level={level} />
                  <span className="[overflow-wrap:anywhere]">{line}</span>
                </li>
              );
            })}
          </ol>
        </Part>
      )}
    </Card>
  );
}

/** The values of the document that the hook has changed, so that nothing else is compared. */
function pick(document: Record<string, unknown> | undefined, names: string[]): Record<string, unknown> {
  return Object.fromEntries(
    names.flatMap((name) => (document && name in document ? [[name, document[name]]] : [])),
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="grid gap-1.5">
      <h3 className="font-medium text-[0.8125rem]">{title}</h3>
      {children}
    </section>
  );
}
