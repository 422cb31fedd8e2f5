import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { ScrollText } from "lucide-react";
import { useId, useState } from "react";
import { pluginLogsQuery } from "@/api/queries";
import type { Plugin, PluginLogLine } from "@/api/types";
import { Section } from "@/components/page";
import { NoMatches, Notice, QueryView } from "@/components/query-view";
import { SearchInput } from "@/components/search-input";
import { formatClock, parseMoment } from "@/format";
import { t } from "@/i18n";
import { paths } from "@/paths";
import { Card } from "@/ui/card";
import { Label } from "@/ui/label";
import { Select } from "@/ui/select";
import { Skeleton } from "@/ui/skeleton";
import { Switch } from "@/ui/switch";
import { hookLabel } from "./hooks";
import { LevelBadge, levelName } from "./plugin-signs";
import { logLevels, type PluginSearch } from "./search";

const route = getRouteApi("/shell/plugins/$id");
const pauseMs = 2000;

/** The last lines of a plugin, and why it failed; fetched again and again while it is live. */
export function PluginLogs({ plugin }: { plugin: Plugin }) {
  const liveId = useId();
  const [live, setLive] = useState(true);
  const { level = "debug", hook = "", search = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const logs = useQuery({ ...pluginLogsQuery(plugin.id), refetchInterval: live ? pauseMs : false });
  // What is fetched every other second needs no sign that it is.
  const query = { ...logs, isFetching: logs.isFetching && logs.data === undefined };
  const narrow = (part: Partial<PluginSearch>) =>
    void navigate({ search: (current) => ({ ...current, ...part }), replace: true });
  const hooks = [...new Set((logs.data ?? []).flatMap((line) => line.hook ?? []))].sort();
  if (hook !== "" && !hooks.includes(hook)) hooks.push(hook);

  return (
    <Section
      title={t("logs.title")}
      description={t("logs.text")}
      actions={
        <span className="flex items-center gap-2">
          <Switch id={liveId} checked={live} onCheckedChange={setLive} />
          <Label htmlFor={liveId}>{t("logs.live")}</Label>
        </span>
      }
    >
      <div className="flex flex-wrap gap-2">
        <SearchInput
          label={t("logs.search")}
          placeholder={t("logs.search")}
          value={search}
          onChange={(text) => narrow({ search: text || undefined })}
          className="w-full sm:w-72"
        />
        <Select
          aria-label={t("logs.hook")}
          value={hook}
          onChange={({ target }) => narrow({ hook: target.value || undefined })}
        >
          <option value="">{t("logs.anyHook")}</option>
          {hooks.map((each) => (
            <option key={each} value={each}>
              {hookWords(each)}
            </option>
          ))}
        </Select>
        <Select
          aria-label={t("logs.level")}
          value={level}
          onChange={({ target }) => narrow({ level: logLevels.find((each) => each === target.value) })}
        >
          {logLevels.map((each) => (
            <option key={each} value={each}>
              {levelName(each)}
            </option>
          ))}
        </Select>
      </div>
      <QueryView query={query} label={t("logs.title")} skeleton={<Skeleton className="h-24 w-full" />}>
        {(lines) => {
          const shown = lines.filter((line) => isShown(line, { level, hook, search }));
          if (lines.length === 0) {
            return (
              <Notice icon={ScrollText} title={t("logs.empty.title")} className="py-8">
                {t("logs.empty.text")}
              </Notice>
            );
          }
          if (shown.length === 0) {
            return (
              <NoMatches
                text={search}
                onClear={() => narrow({ level: undefined, hook: undefined, search: undefined })}
              />
            );
          }
          return <Lines lines={shown} />;
        }}
      </QueryView>
    </Section>
  );
}

function hookWords(name: string): string {
  const label = hookLabel(name);
  return label ? t(label) : name;
}

function isShown(line: PluginLogLine, { level, hook, search }: PluginSearch): boolean {
  const order: readonly string[] = logLevels;
  if (order.indexOf(line.level) < order.indexOf(level ?? "debug")) return false;
  if (hook && line.hook !== hook) return false;
  return !search || `${line.message} ${line.requestId}`.toLowerCase().includes(search.trim().toLowerCase());
}

function Lines({ lines }: { lines: PluginLogLine[] }) {
  return (
    <Card className="overflow-hidden">
      <ol
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard.
        tabIndex={0}
        aria-label={t("logs.title")}
        className="max-h-[34rem] divide-y divide-line overflow-y-auto focus-visible:outline-offset-[-2px]"
      >
        {lines.map(({ time, level, message, hook, requestId }, index) => {
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
              <LevelBadge level={level} />
              {hook && <span className="text-ink-soft">{hookWords(hook)}</span>}
              <span className="min-w-0 flex-1 whitespace-pre-wrap [overflow-wrap:anywhere] max-sm:basis-full">
                {message}
              </span>
              {requestId && (
                <Link
                  {...paths.logsOf(requestId)}
                  aria-label={t("logs.request", { id: requestId })}
                  className="text-ink-soft underline-offset-4 hover:text-accent hover:underline"
                >
                  {requestId.length > 16 ? `${requestId.slice(0, 8)}…` : requestId}
                </Link>
              )}
            </li>
          );
        })}
      </ol>
    </Card>
  );
}
