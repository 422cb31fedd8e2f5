/** What an event changed, field by field, as far as the record was known before it. */
import type { RecordData } from "@/api/types";

export interface FieldChange {
  name: string;
  before: string | null;
  after: string | null;
}

const apart = new Set(["collectionId", "collectionName", "expand"]);

export function recordChanges(before: RecordData | null, after: RecordData | null): FieldChange[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .filter((name) => !apart.has(name))
    .map((name) => ({ name, before: spelled(before, name), after: spelled(after, name) }))
    .filter(({ before: old, after: now }) => old !== now);
}

function spelled(record: RecordData | null, name: string): string | null {
  if (!record || !(name in record)) return null;
  const value = record[name];
  return typeof value === "string" ? value : JSON.stringify(value);
}
