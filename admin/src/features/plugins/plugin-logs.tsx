import { useQuery } from "@tanstack/react-query";
import { ScrollText } from "lucide-react";
import { useId, useState } from "react";
import { pluginLogsQuery } from "@/api/queries";
import type { Plugin, PluginLogLine } from "@/api/types";
import { Section } from "@/components/page";
import { NoMatches, Notice, QueryView } from "@/components/query-view";
import { formatClock, parseMoment } from "@/format";
import { t } from "@/i18n";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Card } from "@/ui/card";
import { Label } from "@/ui/label";
import { Select } from "@/ui/select";
import { Skeleton } from "@/ui/skeleton";
import { Switch } from "@/ui/switch";
import { hookLabel } from "./hooks";

const pauseMs = 2000;
const levels = ["debug", "info", "warn", "error"];
const tones: Record<string, BadgeTone> = { error: "danger", warn: "warning", info: "accent" };

/** The last lines of a plugin, and why it failed; fetched again and again while it is live. */
export function PluginLogs({ plugin }: { plugin: Plugin }) {
  const liveId = useId();
  const [live, setLive] = useState(true);
  const [level, setLevel] = useState("debug");
  const logs = useQuery({ ...pluginLogsQuery(plugin.id), refetchInterval: live ? pauseMs : false });
  // What is fetched every other second needs no sign that it is.
  const query = { ...logs, isFetching: logs.isFetching && logs.data === undefined };
  const from = levels.indexOf(level);

  return (
    <Section
      title={t("logs.title")}
      description={t("logs.text")}
      actions={
        <div className="flex items-center gap-4">
          <Select
            aria-label={t("logs.level")}
            value={level}
            onChange={(event) => setLevel(event.target.value)}
          >
            {levels.map((each) => (
              <option key={each} value={each}>
                {each}
              </option>
            ))}
          </Select>
          <span className="flex items-center gap-2">
            <Switch id={liveId} checked={live} onCheckedChange={setLive} />
            <Label htmlFor={liveId}>{t("logs.live")}</Label>
          </span>
        </div>
      }
    >
      <QueryView query={query} label={t("logs.title")} skeleton={<Skeleton className="h-24 w-full" />}>
        {(lines) => {
          const shown = lines.filter((line) => levels.indexOf(line.level) >= from);
          if (lines.length === 0) {
            return (
              <Notice icon={ScrollText} title={t("logs.empty.title")} className="py-8">
                {t("logs.empty.text")}
              </Notice>
            );
          }
          if (shown.length === 0) return <NoMatches text="" onClear={() => setLevel("debug")} />;
          return <Lines lines={shown} />;
        }}
      </QueryView>
    </Section>
  );
}

function Lines({ lines }: { lines: PluginLogLine[] }) {
  return (
    <Card className="overflow-hidden">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <ol tabIndex={0} aria-label={t("logs.title")} className="max-h-96 divide-y divide-line overflow-y-auto">
        {lines.map(({ time, level, message, hook, requestId }, index) => {
          const label = hook && hookLabel(hook);
          const moment = parseMoment(time);
          return (
            <li
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no names, and repeat.
              key={index}
              className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5 px-4 py-2 font-mono text-xs leading-5"
            >
              <time className="text-ink-soft tabular-nums" dateTime={moment?.toISOString()}>
                {moment ? formatClock(moment) : time}
              </time>
              <Badge tone={tones[level] ?? "outline"}>{level}</Badge>
              {hook && <span className="text-ink-soft">{label ? t(label) : hook}</span>}
              <span className="min-w-0 flex-1 whitespace-pre-wrap [overflow-wrap:anywhere] max-sm:basis-full">
                {message}
              </span>
              {requestId && <span className="text-ink-soft">{requestId}</span>}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
