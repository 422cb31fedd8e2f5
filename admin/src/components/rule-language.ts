/**
 * What can follow in a rule or a filter, out of the schema. It knows nothing of an editor: text and position go in,
 * completions come out.
 */

import type { Collection, Field } from "@/api/types";
import type { Completion, Completions } from "@/components/code-editor";
import { kindLabel } from "@/components/field-kinds";
import { t } from "@/i18n";

const dates = [
  "@now",
  "@yesterday",
  "@tomorrow",
  "@todayStart",
  "@todayEnd",
  "@monthStart",
  "@monthEnd",
  "@yearStart",
  "@yearEnd",
];
const numbers = ["@second", "@minute", "@hour", "@day", "@month", "@year", "@weekday"];
const contexts = ["default", "oauth2", "otp", "password", "realtime", "protectedFile", "expand", "batch"];
const methods = ["GET", "POST", "PATCH", "DELETE"];

const word = /[@#A-Za-z_][\w.:@#]*$/;
const inQuotes = /(?:^|[^\\])(["'])((?:\\.|(?!\1)[^\\])*)$/;

export interface Schema {
  collection: Collection;
  collections: Collection[];
}

export function completeRule(text: string, position: number, schema: Schema): Completions | null {
  const before = text.slice(0, position);
  const quoted = openQuote(before);
  if (quoted) return completeValue(quoted, schema);
  const found = word.exec(before);
  const typed = found?.[0] ?? "";
  const from = position - typed.length;
  const colon = typed.lastIndexOf(":");
  if (colon > 0 && !typed.startsWith("@collection.")) {
    return { from: from + colon, options: modifiers(typed.slice(0, colon), schema) };
  }
  const dot = typed.lastIndexOf(".");
  if (dot >= 0)
    return { from: from + dot + 1, options: completePath(typed.slice(0, dot).split("."), schema) };
  return { from, options: [...fieldCompletions(schema.collection, schema), ...globals(schema)] };
}

interface Quoted {
  from: number;
  /** The name on the left of the comparison. */
  path: string;
}

/** Within a text that is not closed yet: where it begins, and what it is compared with. */
function openQuote(before: string): Quoted | null {
  const quotes = before.replace(/\\./g, "  ");
  let open: { at: number; sign: string } | null = null;
  for (let at = 0; at < quotes.length; at += 1) {
    const sign = quotes[at] as string;
    if (open) {
      if (sign === open.sign) open = null;
    } else if (sign === "'" || sign === '"') {
      open = { at, sign };
    }
  }
  if (!open || !inQuotes.test(before)) return null;
  const left = /([@#\w.:]+)\s*\??[!=<>~]+\s*$/.exec(before.slice(0, open.at));
  return { from: open.at + 1, path: left?.[1] ?? "" };
}

function completeValue({ from, path }: Quoted, schema: Schema): Completions | null {
  const enums = (values: string[]): Completions => ({
    from,
    options: values.map((label) => ({ label, kind: "enum" as const, detail: t("rule.detail.value") })),
  });
  if (path === "@request.context") return enums(contexts);
  if (path === "@request.method") return enums(methods);
  const field = fieldAt(path.replace(/:\w+$/, "").split("."), schema);
  return field && Array.isArray(field.values) ? enums(field.values.map(String)) : null;
}

/** The collection that a path through relations leads to, and the field it ends in. */
function fieldAt(path: string[], schema: Schema): Field | undefined {
  const owner = collectionAt(path.slice(0, -1), schema);
  return owner?.fields.find(({ name }) => name === path.at(-1));
}

function collectionAt(path: string[], schema: Schema): Collection | undefined {
  const { collections } = schema;
  let [current, rest] = startOf(path, schema);
  for (const step of rest) {
    if (!current) return undefined;
    const back = /^(\w+)_via_(\w+)$/.exec(step);
    const field = current.fields.find(({ name }) => name === step);
    current = back
      ? collections.find(({ name }) => name === back[1])
      : collections.find(({ id }) => field?.type === "relation" && id === field.collectionId);
  }
  return current;
}

function startOf(path: string[], { collection, collections }: Schema): [Collection | undefined, string[]] {
  if (path[0] === "@collection") {
    const name = path[1]?.replace(/:\w+$/, "");
    return [collections.find((each) => each.name === name), path.slice(2)];
  }
  if (path[0] === "@request" && path[1] === "body") return [collection, path.slice(2)];
  if (path[0] === "@request" && path[1] === "auth") {
    const accounts = collections.filter(({ type, system }) => type === "auth" && !system);
    return [accounts.length > 1 ? merged(accounts) : accounts[0], path.slice(2)];
  }
  return [collection, path];
}

/** Whoever signs in may come from any of several collections, so the fields of all are offered. */
function merged(accounts: Collection[]): Collection {
  const fields = new Map(accounts.flatMap((each) => each.fields).map((field) => [field.name, field]));
  return { ...(accounts[0] as Collection), fields: [...fields.values()] };
}

function completePath(path: string[], schema: Schema): Completion[] {
  if (path[0] === "@request" && path.length === 1) {
    return [
      { label: "auth", kind: "variable", detail: t("rule.detail.auth") },
      { label: "body", kind: "variable", detail: t("rule.detail.body") },
      { label: "query", kind: "variable", detail: t("rule.detail.query") },
      { label: "headers", kind: "variable", detail: t("rule.detail.headers") },
      { label: "method", kind: "variable", detail: methods.join(" ") },
      { label: "context", kind: "variable", detail: t("rule.detail.context") },
    ];
  }
  if (path[0] === "@collection" && path.length === 1) {
    return schema.collections.map(({ name }) => ({
      label: name,
      kind: "class",
      detail: t("rule.detail.collection"),
    }));
  }
  const owner = collectionAt(path, schema);
  const fields = owner ? fieldCompletions(owner, schema) : [];
  if (path[0] !== "@request" || path[1] !== "auth" || path.length > 2) return fields;
  const own = new Set(fields.map(({ label }) => label));
  const always: Completion[] = ["id", "collectionName", "collectionId", "email", "verified"].map((label) => ({
    label,
    kind: "property",
    detail: t("rule.detail.auth"),
  }));
  return [...always.filter(({ label }) => !own.has(label)), ...fields];
}

function fieldCompletions(collection: Collection, { collections }: Schema): Completion[] {
  const fields = collection.fields
    .filter(({ type, name }) => type !== "password" && name !== "tokenKey")
    .map(({ name, type, collectionId }): Completion => {
      const target = collections.find(({ id }) => id === collectionId)?.name;
      return { label: name, kind: "property", detail: target ? `→ ${target}` : kindLabel(type) };
    });
  const back = collections.flatMap((other) =>
    other.fields
      .filter(({ type, collectionId }) => type === "relation" && collectionId === collection.id)
      .map(
        ({ name }): Completion => ({
          label: `${other.name}_via_${name}`,
          kind: "property",
          detail: t("rule.detail.back"),
        }),
      ),
  );
  return [...fields, ...back];
}

function globals({ collection }: Schema): Completion[] {
  void collection;
  return [
    { label: "@request.auth.id", kind: "variable", detail: t("rule.detail.auth") },
    { label: "@request.", kind: "variable", detail: t("rule.detail.request") },
    { label: "@collection.", kind: "variable", detail: t("rule.detail.collection") },
    ...dates.map((label): Completion => ({ label, kind: "keyword", detail: t("rule.detail.date") })),
    ...numbers.map((label): Completion => ({ label, kind: "keyword", detail: t("rule.detail.number") })),
    { label: "true", kind: "keyword" },
    { label: "false", kind: "keyword" },
    { label: "null", kind: "keyword" },
    { label: "geoDistance(", kind: "function", detail: "lonA, latA, lonB, latB" },
    { label: "strftime(", kind: "function", detail: "format, time, …" },
  ];
}

function modifiers(path: string, schema: Schema): Completion[] {
  const several = fieldAt(path.split("."), schema);
  const all: [string, string, boolean][] = [
    [":isset", t("rule.detail.isset"), path.startsWith("@request.")],
    [":changed", t("rule.detail.changed"), path.startsWith("@request.body.")],
    [":length", t("rule.detail.length"), several === undefined || Number(several.maxSelect) > 1],
    [":each", t("rule.detail.each"), several === undefined || Number(several.maxSelect) > 1],
    [":lower", t("rule.detail.lower"), true],
  ];
  return all
    .filter(([, , fits]) => fits)
    .map(([label, detail]): Completion => ({ label, detail, kind: "keyword" }));
}

/** Rules that are often wanted, as far as the collection has what they speak of. */
export function rulePresets(
  collection: Collection,
  collections: Collection[],
): { label: string; rule: string }[] {
  const accounts = collections.filter(({ type }) => type === "auth").map(({ id }) => id);
  const owners = collection.fields.filter(
    ({ type, collectionId }) => type === "relation" && accounts.includes(String(collectionId)),
  );
  return [
    { label: t("rule.preset.signedIn"), rule: "@request.auth.id != ''" },
    ...owners.map(({ name, maxSelect }) => ({
      label: t("rule.preset.owner", { field: name }),
      rule: Number(maxSelect) > 1 ? `${name}.id ?= @request.auth.id` : `${name} = @request.auth.id`,
    })),
    ...(collection.type === "auth" ? [{ label: t("rule.preset.self"), rule: "id = @request.auth.id" }] : []),
  ];
}
