import { Link } from "@tanstack/react-router";
import { ChevronRight } from "lucide-react";
import { ChangedValues } from "@/components/changed-values";
import { recordChanges } from "@/components/record-diff";
import { formatClock } from "@/format";
import { type PlainKey, t } from "@/i18n";
import { paths } from "@/paths";
import { Badge, type BadgeTone } from "@/ui/badge";
import { Card } from "@/ui/card";
import type { Seen, SeenMessage, SeenRecord } from "./use-realtime";

const actions: Record<SeenRecord["action"], { label: PlainKey; tone: BadgeTone }> = {
  create: { label: "realtime.create", tone: "success" },
  update: { label: "realtime.update", tone: "accent" },
  delete: { label: "realtime.delete", tone: "danger" },
};

/** Events, the newest first, each with what it changed. */
export function EventList({ events }: { events: Seen[] }) {
  return (
    <Card className="overflow-hidden">
      <ol aria-label={t("realtime.events")} className="divide-y divide-line">
        {events.map((event) => (
          <li key={event.key}>{event.record ? <Event event={event} /> : <Message event={event} />}</li>
        ))}
      </ol>
    </Card>
  );
}

function Event({ event }: { event: SeenRecord }) {
  const { at, topic, seq, action, record, before } = event;
  const { label, tone } = actions[action];
  const collection = topic.split("/")[0] ?? "";
  const changes = recordChanges(before, action === "delete" ? null : record);
  return (
    <details className="group">
      <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 marker:content-none hover:bg-hover/55">
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 text-ink-soft transition-transform group-open:rotate-90"
        />
        <time dateTime={at.toISOString()} className="font-mono text-ink-soft text-xs tabular-nums">
          {formatClock(at)}
        </time>
        <Badge tone={tone}>{t(label)}</Badge>
        <span className="font-medium text-sm">{collection}</span>
        <span className="font-mono text-ink-soft text-xs">{record.id}</span>
        <span className="min-w-0 flex-1 truncate text-ink-soft text-xs max-sm:basis-full">
          {before && action === "update" && changes.map(({ name }) => name).join(", ")}
        </span>
        <span className="font-mono text-ink-soft text-xs max-sm:hidden">{`#${seq}`}</span>
      </summary>
      <div className="grid gap-3 border-line border-t bg-sunken/60 px-4 py-3">
        {action === "update" && !before ? (
          <pre className="overflow-x-auto font-mono text-xs leading-5">{JSON.stringify(record, null, 2)}</pre>
        ) : (
          <ChangedValues changes={changes} />
        )}
        {action !== "delete" && (
          <Link
            {...paths.record(collection, record.id)}
            className="w-fit text-accent text-sm underline-offset-4 hover:underline"
          >
            {t("realtime.open")}
          </Link>
        )}
      </div>
    </details>
  );
}

/** What was said on a topic of one's own, or who came and went there. */
function Message({ event: { at, topic, seq, action, data } }: { event: SeenMessage }) {
  return (
    <details className="group">
      <summary className="flex flex-wrap items-center gap-x-3 gap-y-1 px-4 py-2.5 marker:content-none hover:bg-hover/55">
        <ChevronRight
          aria-hidden
          className="size-4 shrink-0 text-ink-soft transition-transform group-open:rotate-90"
        />
        <time dateTime={at.toISOString()} className="font-mono text-ink-soft text-xs tabular-nums">
          {formatClock(at)}
        </time>
        <Badge>{action === "message" ? t("realtime.message") : action}</Badge>
        <span className="font-medium text-sm">{topic}</span>
        <span className="min-w-0 flex-1 truncate font-mono text-ink-soft text-xs max-sm:basis-full">
          {JSON.stringify(data)}
        </span>
        {seq > 0 && <span className="font-mono text-ink-soft text-xs max-sm:hidden">{`#${seq}`}</span>}
      </summary>
      <pre className="overflow-x-auto border-line border-t bg-sunken/60 px-4 py-3 font-mono text-xs leading-5">
        {JSON.stringify(data, null, 2)}
      </pre>
    </details>
  );
}
