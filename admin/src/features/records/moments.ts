/** Between the moments of the API and those of an input in the zone of this machine. */
import { parseMoment } from "@/format";

const two = (number: number) => String(number).padStart(2, "0");

/** `2026-11-23 10:15:00.000Z` as `datetime-local` wants it, in the local zone; empty for no moment. */
export function toInput(stored: string): string {
  const moment = stored === "" ? null : parseMoment(stored);
  if (!moment) return "";
  const day = `${String(moment.getFullYear()).padStart(4, "0")}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}:${two(moment.getSeconds())}`;
}

/** What an input holds, as the API wants it; empty for none. */
export function fromInput(local: string): string {
  if (local === "") return "";
  const moment = new Date(local);
  return Number.isNaN(moment.getTime()) ? "" : moment.toISOString().replace("T", " ");
}

export function zoneName(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
