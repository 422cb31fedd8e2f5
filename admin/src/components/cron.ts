/**
 * Cron expressions of five fields in UTC, as far as the next times of one can be told while it is typed. What counts is
 * the server's own reading; forms that only it knows (`L`, `W`, `#`) are `unknown` here.
 */

export type CronReading = { kind: "times"; times: Date[] } | { kind: "wrong" } | { kind: "unknown" };

interface Range {
  min: number;
  max: number;
  names?: string[];
}

const months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const ranges = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: months },
  // Seven is a Sunday, too.
  { min: 0, max: 7, names: weekdays },
] as const satisfies Range[];

const words: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

/** A leap day on a certain weekday comes within so many days; what does not come within them never does. */
const daysAhead = 366 * 41;
const dayMs = 86_400_000;

/** The next times after a moment. An expression that never comes has none. */
export function readCron(text: string, after: Date, count: number): CronReading {
  const trimmed = text.trim().toLowerCase();
  const fields = (words[trimmed] ?? trimmed).split(/\s+/);
  if (fields.length !== ranges.length) return { kind: "wrong" };
  if (fields.some((field) => /(?:^|[^a-z])(?:l|w|lw)(?:$|[^a-z])|\d[lw]|#|\+/.test(field)))
    return { kind: "unknown" };
  const sets = ranges.map((range, place) => setOf(fields[place] ?? "", range));
  if (sets.some((set) => set === null)) return { kind: "wrong" };
  return { kind: "times", times: timesOf(sets as Set<number>[], after, count) };
}

/** The values that a field names, or nothing where it names something else. */
function setOf(field: string, range: Range): Set<number> | null {
  const values = new Set<number>();
  for (const part of field.split(",")) {
    const [span = "", step, ...more] = part.split("/");
    const each = step === undefined ? 1 : number(step);
    if (more.length > 0 || each === null || each < 1) return null;
    const ends = spanOf(span, step !== undefined, range);
    if (!ends) return null;
    for (let value = ends[0]; value <= ends[1]; value += each) values.add(value);
  }
  return values;
}

function spanOf(span: string, stepped: boolean, range: Range): [number, number] | null {
  if (span === "*" || span === "?") return [range.min, range.max];
  const [first = "", last, ...more] = span.split("-");
  const from = placeOf(first, range);
  // `5/10` begins at five and goes on to the end.
  const to = last === undefined ? (stepped ? range.max : from) : placeOf(last, range);
  return more.length > 0 || from === null || to === null || from > to ? null : [from, to];
}

function placeOf(text: string, { min, max, names = [] }: Range): number | null {
  const place = names.indexOf(text);
  const value = place < 0 ? number(text) : place + (names === months ? 1 : 0);
  return value === null || value < min || value > max ? null : value;
}

function number(text: string): number | null {
  return /^\d+$/.test(text) ? Number(text) : null;
}

function timesOf(sets: Set<number>[], after: Date, count: number): Date[] {
  const [minutes, hours, days, monthsOf, weekdaysOf] = sets as [
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
    Set<number>,
  ];
  const sorted = (set: Set<number>) => [...set].sort((a, b) => a - b);
  const [hourList, minuteList] = [sorted(hours), sorted(minutes)];
  const times: Date[] = [];
  const begin = Date.UTC(after.getUTCFullYear(), after.getUTCMonth(), after.getUTCDate());
  for (let day = 0; day < daysAhead && times.length < count; day += 1) {
    const date = new Date(begin + day * dayMs);
    const weekday = date.getUTCDay();
    const fits =
      monthsOf.has(date.getUTCMonth() + 1) &&
      days.has(date.getUTCDate()) &&
      (weekdaysOf.has(weekday) || (weekday === 0 && weekdaysOf.has(7)));
    if (!fits) continue;
    for (const hour of hourList) {
      for (const minute of minuteList) {
        const time = date.getTime() + (hour * 60 + minute) * 60_000;
        if (time > after.getTime() && times.length < count) times.push(new Date(time));
      }
    }
  }
  return times;
}
