/** What a hook is tried on: which records it takes, and made-up ones that fit a collection. */
import type { TrialRequest } from "@/api/plugin-watch";
import type { Collection, Field, RecordData } from "@/api/types";

/** How a hook takes its record: as it would become, as it was, or both. */
export function takes(hook: string): { draft: boolean; original: boolean } {
  const gone = hook.endsWith("Delete");
  return { draft: !gone, original: gone || hook.endsWith("Update") };
}

const values: Record<string, (field: Field) => unknown> = {
  text: () => "Example",
  editor: () => "<p>Example</p>",
  number: () => 1,
  bool: () => true,
  email: () => "ada@example.com",
  url: () => "https://example.com",
  date: () => "2026-01-31 12:00:00.000Z",
  select: ({ values: choices }) => (Array.isArray(choices) ? (choices[0] ?? "") : ""),
  json: () => ({}),
  geoPoint: () => ({ lon: 0, lat: 0 }),
};

/** A record that nobody has written: something in each field that a client may set. */
export function madeUp(collection: Collection): Record<string, unknown> {
  const own = collection.fields.filter(
    ({ name, type, system, hidden }) =>
      name !== "id" && !system && !hidden && type !== "autodate" && type !== "password",
  );
  return Object.fromEntries(
    own.map((field) => [field.name, values[field.type]?.(field) ?? (field.maxSelect === 1 ? "" : [])]),
  );
}

/** A stored record without what is about it and not in it. */
export function documentOf(record: RecordData): Record<string, unknown> {
  const { collectionId: _id, collectionName: _name, expand: _expand, ...fields } = record;
  return fields;
}

/** A JSON object out of a text, or nothing. */
export function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text.trim() || "{}");
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}

interface Chosen {
  hook: string;
  collection: string;
  document: Record<string, unknown>;
  /** The stored record that it began with. */
  stored: RecordData | null;
  config: Record<string, unknown> | null;
  version: string;
  asGuest: boolean;
}

/** The request of a trial: an update has the stored record beside what is to become of it. */
export function trialOf(chosen: Chosen): TrialRequest {
  const { hook, collection, document, stored, config, version, asGuest } = chosen;
  const { draft, original } = takes(hook);
  const before = draft && original ? (stored?.id ?? document) : document;
  return {
    hook,
    collection,
    ...(draft && { record: document }),
    ...(original && { original: before }),
    ...(config && { config }),
    ...(version && { version }),
    ...(asGuest && { as: "guest" as const }),
  };
}
