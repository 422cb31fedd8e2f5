/** What differs between two definitions, in the words of a review: for saving one and for importing many. */
import type { Collection, Field } from "@/api/types";
import { kindLabel } from "@/components/field-kinds";
import { type PlainKey, t } from "@/i18n";

export interface Change {
  kind: "added" | "changed" | "removed";
  /** `Field title`, `List rule`. */
  what: string;
  /** One line per thing that is different. */
  details: string[];
  /** Data goes with it. */
  destructive?: boolean;
}

const ignored = new Set(["fields", "indexes", "created", "updated", "id", "system"]);

export function collectionChanges(before: Collection, after: Partial<Collection>): Change[] {
  return [
    ...("fields" in after && after.fields ? fieldChanges(before.fields, after.fields) : []),
    ...("indexes" in after ? indexChanges(before.indexes ?? [], after.indexes ?? []) : []),
    ...optionChanges(before, after),
  ];
}

function fieldChanges(before: Field[], after: Field[]): Change[] {
  const changes: Change[] = [];
  const known = (field: Field) =>
    before.find((old) => (field.id ? old.id === field.id : old.name === field.name));
  for (const field of after) {
    const old = known(field);
    const what = t("changes.field", { name: field.name });
    if (!old) {
      changes.push({ kind: "added", what, details: [kindLabel(field.type)] });
      continue;
    }
    const details = differences(old, field);
    if (details.length > 0) changes.push({ kind: "changed", what, details });
  }
  for (const old of before) {
    if (after.some((field) => known(field) === old)) continue;
    changes.push({
      kind: "removed",
      what: t("changes.field", { name: old.name }),
      details: [t("changes.fieldData")],
      destructive: true,
    });
  }
  const order = (fields: Field[], others: Field[]) =>
    fields.filter(({ id }) => others.some((other) => other.id === id)).map(({ id }) => id);
  if (order(before, after).join() !== order(after, before).join()) {
    changes.push({ kind: "changed", what: t("changes.order"), details: [] });
  }
  return changes;
}

function indexChanges(before: string[], after: string[]): Change[] {
  const only = (list: string[], others: string[]) => list.filter((sql) => !others.includes(sql));
  return [
    ...only(after, before).map((sql) => ({
      kind: "added" as const,
      what: t("changes.index"),
      details: [sql],
    })),
    ...only(before, after).map((sql) => ({
      kind: "removed" as const,
      what: t("changes.index"),
      details: [sql],
    })),
  ];
}

function optionChanges(before: Collection, after: Partial<Collection>): Change[] {
  return Object.entries(after)
    .filter(([key, value]) => !ignored.has(key) && !same(before[key], value))
    .map(([key, value]) => optionChange(key, before[key], value));
}

function optionChange(key: string, before: unknown, after: unknown): Change {
  const rule = ruleNames[key];
  if (rule) {
    return { kind: "changed", what: t(rule), details: [`${ruleSpelled(before)} → ${ruleSpelled(after)}`] };
  }
  return {
    kind: "changed",
    what: key === "name" ? t("changes.name") : key,
    details: isObject(after) ? differences(before, after) : [fromTo(before, after)],
  };
}

const ruleNames: Record<string, PlainKey> = {
  listRule: "changes.rule.list",
  viewRule: "changes.rule.view",
  createRule: "changes.rule.create",
  updateRule: "changes.rule.update",
  deleteRule: "changes.rule.delete",
  authRule: "changes.rule.auth",
  manageRule: "changes.rule.manage",
};

/** A rule as the editor of rules calls it: what nothing and the empty text mean is not to be known by heart. */
function ruleSpelled(rule: unknown): string {
  if (rule === null || rule === undefined) return t("rule.locked");
  return rule === "" ? t("rule.public") : spelled(rule);
}

/** Of two objects, each key whose value differs. */
function differences(before: unknown, after: unknown): string[] {
  if (!isObject(before) || !isObject(after)) return [fromTo(before, after)];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => key in after && !same(before[key], after[key]))
    .map((key) => `${key}: ${fromTo(before[key], after[key])}`);
}

function fromTo(before: unknown, after: unknown): string {
  return `${spelled(before)} → ${spelled(after)}`;
}

const spelledMax = 120;

function spelled(value: unknown): string {
  if (value === null) return "null";
  if (value === undefined) return t("changes.unset");
  const text = typeof value === "string" ? (value === "" ? '""' : value) : JSON.stringify(value);
  return text.length > spelledMax ? `${text.slice(0, spelledMax)}…` : text;
}

/** What is not set and what is written as nothing are the same to the server. */
function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
