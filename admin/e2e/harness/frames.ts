/** What the browser did in frames that came late, read from its own trace. */
import type { Browser, Page } from "playwright-core";

/** Part of what Chromium notes of each step: its name, thread, beginning and length in microseconds. */
interface Step {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  ts: number;
  dur?: number;
  args?: { name?: string; data?: { startTime?: number; type?: string } };
}

const categories = [
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "blink.user_timing",
  "v8",
  "cc",
  "toplevel",
  "viz",
];
const zero = "zero of the frames";
const shownMax = 14;

export async function beginTrace(browser: Browser, page: Page): Promise<void> {
  await browser.startTracing(page, { categories });
  await page.evaluate((name) => performance.mark(name), zero);
}

interface Part {
  what: string;
  ms: number;
}

/** For each thread and step the milliseconds in a frame, on average: of late frames beside those in time. */
export async function endTrace(
  browser: Browser,
  frames: number[],
  isLate: (ms: number) => boolean,
): Promise<string> {
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: Step[] };
  const mark = traceEvents.find(({ name }) => name === zero);
  if (!mark) return "  the trace has no beginning";
  const offset = mark.ts - (mark.args?.data?.startTime ?? 0) * 1000;
  const spans = frames.slice(1).map((end, index) => {
    const from = (frames[index] ?? end) * 1000 + offset;
    return { from, to: end * 1000 + offset, late: isLate(end - (frames[index] ?? end)) };
  });
  const threads = new Map(
    traceEvents
      .filter(({ name }) => name === "thread_name")
      .map(({ pid, tid, args }) => [`${pid}:${tid}`, args?.name ?? ""]),
  );
  const sums = { late: new Map<string, number>(), inTime: new Map<string, number>() };
  for (const { what, ms, from } of ownTimes(traceEvents, mark.pid, threads)) {
    const span = spanAt(spans, from);
    if (!span) continue;
    const sum = span.late ? sums.late : sums.inTime;
    sum.set(what, (sum.get(what) ?? 0) + ms);
  }
  const lateCount = spans.filter(({ late }) => late).length;
  const rows = [...new Set([...sums.late.keys(), ...sums.inTime.keys()])]
    .map((what) => {
      const late = (sums.late.get(what) ?? 0) / Math.max(1, lateCount);
      const inTime = (sums.inTime.get(what) ?? 0) / Math.max(1, spans.length - lateCount);
      return { what, late, inTime };
    })
    .sort((a, b) => b.late - b.inTime - (a.late - a.inTime));
  const common = [...rows].sort((a, b) => b.inTime - a.inTime).slice(0, shownMax);
  const line = ({ what, late, inTime }: (typeof rows)[number]) =>
    `    ${late.toFixed(2).padStart(7)} ${inTime.toFixed(2).padStart(7)}  ${what}`;
  return [
    `  milliseconds in a frame (late: ${lateCount}, in time: ${spans.length - lateCount}), what grows most:`,
    ...rows.slice(0, shownMax).map(line),
    "  what takes most of those in time:",
    ...common.map(line),
  ].join("\n");
}

interface Span {
  from: number;
  to: number;
  late: boolean;
}

function spanAt(spans: Span[], moment: number): Span | undefined {
  let low = 0;
  let high = spans.length - 1;
  while (low <= high) {
    const middle = (low + high) >> 1;
    const span = spans[middle];
    if (!span) return undefined;
    if (moment < span.from) high = middle - 1;
    else if (moment >= span.to) low = middle + 1;
    else return span;
  }
  return undefined;
}

/** The time of each step without that of the steps within it, of the page's process and of the one that draws. */
function ownTimes(events: Step[], pid: number, threads: Map<string, string>): (Part & { from: number })[] {
  const byThread = new Map<string, Step[]>();
  for (const event of events) {
    if (event.ph !== "X" || event.dur === undefined) continue;
    const key = `${event.pid}:${event.tid}`;
    const steps = byThread.get(key) ?? [];
    steps.push(event);
    byThread.set(key, steps);
  }
  const parts: (Part & { from: number })[] = [];
  for (const [key, steps] of byThread) {
    const thread = `${key.startsWith(`${pid}:`) ? "page" : "other"} ${threads.get(key) ?? key}`;
    steps.sort((a, b) => a.ts - b.ts || (b.dur ?? 0) - (a.dur ?? 0));
    const open: { step: Step; own: number }[] = [];
    const close = (until: number) => {
      for (let last = open.at(-1); last && last.step.ts + (last.step.dur ?? 0) <= until; last = open.at(-1)) {
        open.pop();
        const type = last.step.args?.data?.type;
        const what = `${thread}: ${last.step.name}${type ? ` (${type})` : ""}`;
        parts.push({ what, ms: last.own / 1000, from: last.step.ts });
      }
    };
    for (const step of steps) {
      close(step.ts);
      const parent = open.at(-1);
      if (parent) parent.own -= step.dur ?? 0;
      open.push({ step, own: step.dur ?? 0 });
    }
    close(Number.POSITIVE_INFINITY);
  }
  return parts;
}
