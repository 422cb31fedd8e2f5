/** The same change to many records, by filter, and the way back. */
import { fetchRecords, updateRecords } from "@/api/records";
import type { Field } from "@/api/types";
import { quoted } from "@/components/presentation";
import { canEditInCell } from "./columns";

/** Records per request: a filter that names them has to fit into an address. */
const chunkSize = 100;

export type Before = Map<string, unknown>;

export interface BulkResult {
  /** What the records that were changed had before. */
  before: Before;
  /** Why the others were not. */
  error: Error | null;
}

/** What a selection can be given: everything that can be edited in a cell, but files. */
export function bulkFields(collection: Parameters<typeof canEditInCell>[0]): Field[] {
  return collection.fields.filter((field) => field.type !== "file" && canEditInCell(collection, field));
}

/** Each request is all or nothing. After one that fails nothing more is tried. */
export async function changeAll(
  collection: string,
  ids: string[],
  name: string,
  value: unknown,
  onProgress: (share: number) => void,
): Promise<BulkResult> {
  const before: Before = new Map();
  try {
    for (const chunk of chunks(ids)) {
      const query = { filter: idsFilter(chunk), fields: `id,${name}`, perPage: chunkSize, skipTotal: true };
      const { items } = await fetchRecords(collection, query);
      await updateRecords(collection, idsFilter(chunk), { [name]: value });
      for (const record of items) before.set(record.id, record[name]);
      onProgress(before.size / ids.length);
    }
    return { before, error: null };
  } catch (error) {
    return { before, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Gives each record back what it had: those that had the same in one request. */
export async function changeBack(collection: string, name: string, before: Before): Promise<void> {
  const groups = new Map<string, { value: unknown; ids: string[] }>();
  for (const [id, value] of before) {
    const key = JSON.stringify(value) ?? "";
    const group = groups.get(key) ?? { value, ids: [] };
    group.ids.push(id);
    groups.set(key, group);
  }
  for (const { value, ids } of groups.values()) {
    for (const chunk of chunks(ids)) await updateRecords(collection, idsFilter(chunk), { [name]: value });
  }
}

export function idsFilter(ids: string[]): string {
  return ids.map((id) => `id = ${quoted(id)}`).join(" || ");
}

export function chunks(ids: string[]): string[][] {
  return Array.from({ length: Math.ceil(ids.length / chunkSize) }, (_, place) =>
    ids.slice(place * chunkSize, (place + 1) * chunkSize),
  );
}
