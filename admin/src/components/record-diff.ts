/** What a change made of something, key by key, as far as it was known before. */
type Known = Record<string, unknown> | null;

export interface FieldChange {
  name: string;
  before: string | null;
  after: string | null;
}

const apart = new Set(["collectionId", "collectionName", "expand"]);

export function recordChanges(before: Known, after: Known): FieldChange[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .filter((name) => !apart.has(name))
    .map((name) => ({ name, before: spelled(before, name), after: spelled(after, name) }))
    .filter(({ before: old, after: now }) => old !== now);
}

function spelled(record: Known, name: string): string | null {
  if (!record || !(name in record)) return null;
  const value = record[name];
  return typeof value === "string" ? value : JSON.stringify(value);
}
