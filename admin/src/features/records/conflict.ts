/** Two people have changed the same record: what the second of them may want to keep of both. */
import type { Field, RecordData } from "@/api/types";
import type { Choice } from "@/components/conflict-dialog";
import { editorOf } from "./editors";
import { type Drafts, same } from "./use-record-form";

export interface FieldConflict {
  field: Field;
  mine: unknown;
  theirs: unknown;
  /** Lists can take the changes of both. */
  both: unknown[] | null;
}

export interface Conflict {
  /** Changed by both, and to different things. */
  fields: FieldConflict[];
  /** Changed by others alone: their values stay. */
  others: string[];
}

/** What differs between what a form began with, what it holds now, and what is stored by now. */
export function conflictOf(
  fields: Field[],
  dirty: string[],
  drafts: Drafts,
  base: RecordData,
  stored: RecordData,
): Conflict {
  const touched = fields.filter(({ name }) => !same(base[name], stored[name]));
  const mineOf = (field: Field) => draftValue(field, drafts[field.name]);
  return {
    fields: touched
      .filter((field) => dirty.includes(field.name) && !same(mineOf(field), stored[field.name]))
      .map((field) => {
        const mine = mineOf(field);
        const theirs = stored[field.name];
        return { field, mine, theirs, both: mergedLists(base[field.name], mine, theirs) };
      }),
    others: touched
      .filter(({ name, type }) => !dirty.includes(name) && type !== "autodate")
      .map(({ name }) => name),
  };
}

/** A draft as it would be stored; files by their names. */
function draftValue(field: Field, draft: unknown): unknown {
  const wire = editorOf(field).toWire(draft, field);
  if ("value" in wire) return wire.value;
  if ("parts" in wire) return wire.parts.map((part) => (part instanceof File ? part.name : part));
  return undefined;
}

/** What either has added, without what either has taken away. Nothing where it is the same as one of them. */
export function mergedLists(base: unknown, mine: unknown, theirs: unknown): unknown[] | null {
  if (!isPlainList(base) || !isPlainList(mine) || !isPlainList(theirs)) return null;
  const kept = theirs.filter((item) => mine.includes(item) || !base.includes(item));
  const merged = [...kept, ...mine.filter((item) => !base.includes(item) && !theirs.includes(item))];
  return same(merged, mine) || same(merged, theirs) ? null : merged;
}

function isPlainList(value: unknown): value is (string | number)[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number");
}

/** The drafts to go on with, and the fields of which theirs stays. */
export function resolved(
  conflict: Conflict,
  choices: Record<string, Choice>,
): { drafts: Drafts; without: string[] } {
  const drafts: Drafts = {};
  const without: string[] = [];
  for (const { field, both } of conflict.fields) {
    const choice = choices[field.name] ?? "mine";
    if (choice === "theirs") without.push(field.name);
    else if (choice === "both") drafts[field.name] = editorOf(field).fromRecord(both, field);
  }
  return { drafts, without };
}
