import { useMemo, useState } from "react";
import type { RecordBody } from "@/api/records";
import type { Collection, Field, RecordData } from "@/api/types";
import { editorOf } from "./editors";

export type Drafts = Record<string, unknown>;

export interface RecordForm {
  fields: Field[];
  drafts: Drafts;
  set: (name: string, draft: unknown) => void;
  /** Names of the fields that differ from what is stored. */
  dirty: string[];
  /** Forgets what is stored now, because it was sent; true when something else has been typed since then. */
  settle: (sent: Drafts) => boolean;
  /** Takes fields back to what is stored. */
  forget: (names: string[]) => void;
  /** What would be sent, or what is wrong by field; with other drafts, or without some fields. */
  build: (other?: { drafts?: Drafts; without?: string[] }) => Built;
}

export type Built = { body: RecordBody } | { problems: Record<string, string> };

/** The fields that a person can see and change: neither keys that the server keeps to itself, nor the id of what exists. */
export function formFields(collection: Collection, record: RecordData | null): Field[] {
  return collection.fields.filter((field) => {
    if (field.name === "tokenKey" && field.system === true) return false;
    if (field.primaryKey === true) return record === null;
    return !(editorOf(field).readOnly && record === null);
  });
}

/** The form of a record: only what was touched is sent, so that defaults and the changes of others stay. */
export function useRecordForm(collection: Collection, record: RecordData | null): RecordForm {
  const fields = useMemo(() => formFields(collection, record), [collection, record]);
  const initial = useMemo(
    () =>
      Object.fromEntries(
        fields.map((field) => [field.name, editorOf(field).fromRecord(record?.[field.name], field)]),
      ),
    [fields, record],
  );
  const [changed, setChanged] = useState<Drafts>({});

  const drafts = { ...initial, ...changed };
  const dirty = fields
    .map(({ name }) => name)
    .filter((name) => name in changed && !same(changed[name], initial[name]));

  return {
    fields,
    drafts,
    set: (name, draft) => setChanged((before) => ({ ...before, [name]: draft })),
    dirty,
    settle: (sent) => {
      setChanged((before) => without(before, sent));
      return Object.keys(without(changed, sent)).length > 0;
    },
    forget: (names) =>
      setChanged((before) =>
        Object.fromEntries(Object.entries(before).filter(([name]) => !names.includes(name))),
      ),
    build: ({ drafts: other, without = [] } = {}) =>
      bodyOf(
        fields.filter(({ name }) => dirty.includes(name) && !without.includes(name)),
        { ...drafts, ...other },
      ),
  };
}

export function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a, comparable) === JSON.stringify(b, comparable);
}

/** Of a file its facts, for it has no content here. */
function comparable(_: string, value: unknown): unknown {
  return value instanceof File ? [value.name, value.size, value.lastModified] : value;
}

/** What differs still when `sent` is stored. */
function without(changed: Drafts, sent: Drafts): Drafts {
  return Object.fromEntries(Object.entries(changed).filter(([name, draft]) => !same(draft, sent[name])));
}

export function bodyOf(fields: Field[], drafts: Drafts): Built {
  const values: Record<string, unknown> = {};
  const parts: [string, string | File][] = [];
  const problems: Record<string, string> = {};
  for (const field of fields) {
    const wire = editorOf(field).toWire(drafts[field.name], field);
    if ("problem" in wire) problems[field.name] = wire.problem;
    else if ("also" in wire) Object.assign(values, wire.also);
    else if ("parts" in wire)
      parts.push(...wire.parts.map((part) => [field.name, part] as [string, string | File]));
    else values[field.name] = wire.value;
  }
  if (Object.keys(problems).length > 0) return { problems };
  if (parts.length === 0) return { body: values };
  const form = new FormData();
  form.set("@jsonPayload", JSON.stringify(values));
  for (const [name, part] of parts) form.append(name, part);
  return { body: form };
}
