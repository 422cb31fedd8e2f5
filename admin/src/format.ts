/** Sizes, durations and moments as people read them, by the platform's own formatters. */
import { locale, t } from "@/i18n";

const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;

export function formatBytes(bytes: number): string {
  let value = bytes;
  let step = 0;
  while (value >= 1000 && step < units.length - 1) {
    value /= 1000;
    step += 1;
  }
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: units[step] ?? "byte",
    unitDisplay: step === 0 ? "long" : "short",
    maximumFractionDigits: value < 10 && step > 0 ? 1 : 0,
  }).format(value);
}

/** How long something took or may take, as short as a table wants it. */
export function formatMilliseconds(ms: number): string {
  // Rounded first: a minute is no 60 seconds.
  if (Math.round(ms / 100) >= 600) return lasting(Math.round(ms / 1000), "short");
  const seconds = ms >= 1000;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: seconds ? "second" : "millisecond",
    unitDisplay: "short",
    maximumFractionDigits: seconds || ms < 10 ? 1 : 0,
  }).format(seconds ? ms / 1000 : ms);
}

/** The API writes `2026-11-23 10:15:00.000Z`; an empty or unreadable text has no moment. */
export function parseMoment(text: string): Date | null {
  const moment = new Date(text.replace(" ", "T"));
  return Number.isNaN(moment.getTime()) ? null : moment;
}

export function formatMoment(moment: Date): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" }).format(moment);
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];
const second: (typeof steps)[number] = ["second", 1];

export function formatAgo(moment: Date, now: Date): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  }
  return t("time.now");
}

/** `Read, write and delete` out of its parts. */
export function formatList(parts: string[]): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(parts);
}

/** The time of day, to the millisecond. */
export function formatClock(moment: Date): string {
  return new Intl.DateTimeFormat(locale, {
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hour12: false,
  }).format(moment);
}

export function formatNumber(value: number): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** A part of a whole, in percent. */
export function formatShare(share: number): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 0 }).format(share);
}

/** How long something lasts, as a sentence wants it: in its largest unit and, where anything is left, the next one. */
export function formatDuration(seconds: number): string {
  return lasting(Math.round(seconds), "long");
}

function lasting(seconds: number, unitDisplay: "short" | "long"): string {
  const found = steps.findIndex(([, size]) => seconds >= size);
  const parts: [string, number][] = [];
  for (const [unit, size] of found < 0 ? [] : [...steps, second].slice(found, found + 2)) {
    const left = seconds - parts.reduce((sum, [, taken]) => sum + taken, 0);
    const count = Math.floor(left / size);
    if (count > 0) parts.push([unitOf(unit, count, unitDisplay), count * size]);
  }
  if (parts.length === 0) return unitOf("second", seconds, unitDisplay);
  const words = parts.map(([text]) => text);
  return new Intl.ListFormat(locale, { type: "unit", style: unitDisplay }).format(words);
}

function unitOf(unit: string, count: number, unitDisplay: "short" | "long"): string {
  return new Intl.NumberFormat(locale, { style: "unit", unit, unitDisplay }).format(count);
}
