/** From what is chosen on the page to the filter that is sent, and from the hours of the answer to bars. */
import type { LogHour } from "@/api/logs";
import { isExpression, quoted } from "@/components/presentation";
import type { LogsSearch, Outcome, Span } from "./search";

const hourMs = 3_600_000;

/** Hours back, and hours that one bar stands for. */
export const spanHours: Record<Span, { back: number; bar: number }> = {
  day: { back: 24, bar: 1 },
  threeDays: { back: 72, bar: 3 },
  week: { back: 168, bar: 6 },
};

const outcomeFilters: Record<Outcome, string> = {
  failed: "data.status >= 500",
  refused: "(data.status >= 400 && data.status < 500)",
  slow: "data.execTime >= 500",
};

/** As the API writes moments. */
export const moment = (ms: number) => new Date(ms).toISOString().replace("T", " ");

/** Where the chart begins: on the hour, so that what is shown is asked for once an hour and not anew each moment. */
export function spanStart(span: Span, nowMs: number): number {
  const { back, bar } = spanHours[span];
  const barMs = bar * hourMs;
  return Math.floor(nowMs / barMs) * barMs - (back - bar) * hourMs;
}

/** What is typed: an expression as it is, words looked for where they may stand. */
function typedFilter(typed: string): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  if (isExpression(text)) return `(${text})`;
  const word = quoted(text);
  return `(data.url ~ ${word} || data.error ~ ${word} || data.requestId ~ ${word} || data.userIP ~ ${word})`;
}

/** For the chart: everything but the bar that is chosen. */
export function chartFilter({ span = "day", outcome, filter = "" }: LogsSearch, nowMs: number): string {
  const parts = [
    `created >= ${quoted(moment(spanStart(span, nowMs)))}`,
    outcome && outcomeFilters[outcome],
    typedFilter(filter),
  ];
  return parts.filter(Boolean).join(" && ");
}

export function listFilter(search: LogsSearch, nowMs: number): string {
  const { from, span = "day" } = search;
  const start = from ? Date.parse(from) : Number.NaN;
  if (Number.isNaN(start)) return chartFilter(search, nowMs);
  const end = start + spanHours[span].bar * hourMs;
  return `${chartFilter(search, nowMs)} && created >= ${quoted(moment(start))} && created < ${quoted(moment(end))}`;
}

export interface Bar {
  startMs: number;
  endMs: number;
  total: number;
}

/** A bar for each stretch of time, also for those in which nothing happened. */
export function barsOf(hours: LogHour[], span: Span, nowMs: number): Bar[] {
  const { back, bar } = spanHours[span];
  const start = spanStart(span, nowMs);
  const bars = Array.from({ length: back / bar }, (_, place) => {
    const startMs = start + place * bar * hourMs;
    return { startMs, endMs: startMs + bar * hourMs, total: 0 };
  });
  for (const { date, total } of hours) {
    const place = Math.floor((Date.parse(date.replace(" ", "T")) - start) / (bar * hourMs));
    const found = bars[place];
    if (found) found.total += total;
  }
  return bars;
}

/** What was changed: words in its name, or an expression. */
export function activityFilter({ kind, filter = "" }: LogsSearch): string | undefined {
  const text = filter.trim();
  const word = quoted(text);
  const typed =
    text === ""
      ? undefined
      : isExpression(text)
        ? `(${text})`
        : `(name ~ ${word} || subject ~ ${word} || actorName ~ ${word} || plugin ~ ${word} || ip ~ ${word} || requestId ~ ${word})`;
  return [kind && `kind = ${quoted(kind)}`, typed].filter(Boolean).join(" && ") || undefined;
}
