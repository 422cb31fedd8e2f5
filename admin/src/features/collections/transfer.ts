/** Definitions on their way out and in: as a file, as a copy, as a list to compare with what is there. */
import type { Collection, Field } from "@/api/types";
import { type Change, collectionChanges } from "./collection-changes";
import { indexForCopy } from "./index-sql";

/** What another server can take as it is. */
export function exported(collections: Collection[]): string {
  return JSON.stringify(collections, null, 2);
}

export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** The definition under another name: its fields and indexes are new ones, its secrets are not taken along. */
export function copyOf(collection: Collection, name: string): Partial<Collection> {
  const { id: _id, created: _created, updated: _updated, system: _system, ...rest } = collection;
  const fields = collection.fields.map(({ id: _fieldId, ...field }) => field as Field);
  const indexes = collection.indexes
    // Those that the server makes for accounts by itself come with the copy.
    ?.filter((sql) => !(collection.type === "auth" && /`(?:tokenKey|email)`/.test(sql)))
    .map((sql, place) => indexForCopy(sql, name, place));
  return { ...rest, name, fields, indexes };
}

export interface ImportItem {
  name: string;
  kind: "added" | "changed" | "same";
  definition: Record<string, unknown>;
  changes: Change[];
}

export interface ImportPlan {
  items: ImportItem[];
  /** The project's own collections that the file does not have. */
  missing: Collection[];
}

/** What an import would do, perhaps deleting what it does not name; `null` when the text is no list of definitions. */
export function planImport(text: string, existing: Collection[], deleteMissing = false): ImportPlan | null {
  const list = definitionsIn(text);
  if (!list) return null;
  const known = (definition: Record<string, unknown>) =>
    existing.find(({ id }) => id === definition.id) ?? existing.find(({ name }) => name === definition.name);
  const items = list.map((definition): ImportItem => {
    const name = String(definition.name);
    const before = known(definition);
    if (!before) return { name, kind: "added", definition, changes: [] };
    const after = definition as Partial<Collection>;
    const fields =
      after.fields && !deleteMissing ? { fields: mergedFields(before.fields, after.fields) } : {};
    const changes = collectionChanges(before, { ...after, ...fields });
    return { name, kind: changes.length > 0 ? "changed" : "same", definition, changes };
  });
  const named = list.map(known);
  return { items, missing: existing.filter((each) => !each.system && !named.includes(each)) };
}

/** As the server merges them: fields that a definition does not name stay where they are, the others are found by id or else by name. */
function mergedFields(before: Field[], given: Field[]): Field[] {
  const merged = [...before];
  const at = (key: "id" | "name", field: Field) => before.findIndex((old) => old[key] === field[key]);
  for (const field of given) {
    const named = at("name", field);
    const isFree = !given.some(({ id }) => id !== undefined && id === before[named]?.id);
    const place = at("id", field) >= 0 ? at("id", field) : isFree ? named : -1;
    const old = before[place];
    if (old) merged[place] = { ...field, id: old.id };
    else merged.push(field);
  }
  return merged;
}

function definitionsIn(text: string): Record<string, unknown>[] | null {
  try {
    const value: unknown = JSON.parse(text);
    // Also a single definition, and what `tinybase collections` writes.
    const list = Array.isArray(value)
      ? value
      : ((value as { collections?: unknown })?.collections ?? [value]);
    const all = Array.isArray(list) && list.length > 0 && list.every(isDefinition);
    return all ? (list as Record<string, unknown>[]) : null;
  } catch {
    return null;
  }
}

function isDefinition(value: unknown): boolean {
  return (
    typeof value === "object" && value !== null && typeof (value as { name?: unknown }).name === "string"
  );
}
