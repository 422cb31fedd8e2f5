/** Fields that are being changed here while somebody else has saved others: both are kept, field by field and setting by setting. */
import type { Field } from "@/api/types";
import type { DraftField } from "./use-collection-draft";

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

/** `base` is what the draft was begun on, `theirs` what is stored now. */
export function rebasedFields(draft: DraftField[], base: Field[], theirs: Field[]): DraftField[] {
  if (same(base, theirs)) return draft;
  const stored = (id: string, fields: Field[]) => fields.find((field) => field.id === id);
  const kept = draft.flatMap((each): DraftField[] => {
    if (each.isNew) return [each];
    const now = stored(each.field.id, theirs);
    // Its values are gone: nothing here brings them back.
    if (!now) return [];
    const before = stored(each.field.id, base);
    return [{ ...each, field: { ...now, ...changedOf(before ?? now, each.field) } }];
  });
  for (const [index, field] of theirs.entries()) {
    if (stored(field.id, base)) continue;
    const place = Math.min(index, kept.length);
    kept.splice(place, 0, { key: field.id, field, isNew: false, removed: false });
  }
  return kept;
}

/** The settings that were changed here. */
function changedOf(before: Field, mine: Field): Partial<Field> {
  return Object.fromEntries(Object.entries(mine).filter(([key, value]) => !same(before[key], value)));
}
