import { useMemo, useState } from "react";
import type { Collection, Field, Rule } from "@/api/types";
import { rebasedFields } from "./rebase-fields";

export interface DraftField {
  /** Stays the same while the field is renamed and moved. */
  key: string;
  field: Field;
  isNew: boolean;
  /** Struck through until the collection is saved, so that it can be taken back. */
  removed: boolean;
}

interface Edit {
  values: Partial<Collection>;
  fields: DraftField[];
  /** What was stored when the fields were as they are here. */
  base: Field[];
}

export interface CollectionDraft {
  /** As it would be after saving. */
  collection: Collection;
  fields: DraftField[];
  dirty: boolean;
  set: (values: Partial<Collection>) => void;
  setFields: (fields: DraftField[]) => void;
  reset: () => void;
  /** What is sent: only what differs, the list of fields as a whole. */
  body: () => Partial<Collection>;
}

/** A definition while it is being changed, over all tabs of the page. */
export function useCollectionDraft(stored: Collection): CollectionDraft {
  const [edit, setEdit] = useState<Edit | null>(null);
  const original = useMemo(() => asDrafts(stored.fields), [stored.fields]);
  const fields = useMemo(
    () => (edit ? rebasedFields(edit.fields, edit.base, stored.fields) : original),
    [edit, original, stored.fields],
  );
  const collection: Collection = {
    ...stored,
    ...edit?.values,
    fields: fields.filter(({ removed }) => !removed).map(({ field }) => field),
  };

  const body = () => changedParts(stored, collection);
  return {
    collection,
    fields,
    dirty: edit !== null && Object.keys(body()).length > 0,
    set: (values) =>
      setEdit((before) => ({
        values: { ...before?.values, ...values },
        fields: before ? rebasedFields(before.fields, before.base, stored.fields) : original,
        base: stored.fields,
      })),
    setFields: (next) =>
      setEdit((before) => ({ values: before?.values ?? {}, fields: next, base: stored.fields })),
    reset: () => setEdit(null),
    body,
  };
}

function asDrafts(fields: Field[]): DraftField[] {
  return fields.map((field) => ({ key: field.id, field, isNew: false, removed: false }));
}

function changedParts(before: Collection, after: Collection): Partial<Collection> {
  const changed = Object.entries(after).filter(
    ([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key]),
  );
  return Object.fromEntries(changed) as Partial<Collection>;
}

let made = 0;

/** A field that does not exist on the server yet. It has no id, so that the server gives it one. */
export function newField(name: string, type: string, options: Record<string, unknown>): DraftField {
  made += 1;
  const field = { ...options, name, type } as Field;
  return { key: `new-${made}`, field, isNew: true, removed: false };
}

export type RuleKey =
  | "listRule"
  | "viewRule"
  | "createRule"
  | "updateRule"
  | "deleteRule"
  | "authRule"
  | "manageRule";

export function ruleOf(collection: Collection, key: RuleKey): Rule {
  const rule = collection[key];
  return typeof rule === "string" ? rule : null;
}
