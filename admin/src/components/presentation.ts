/** What stands for a record where only one line of it is shown, and how records are found by words. */
import type { Collection, Field, RecordData } from "@/api/types";
import { isSearchable } from "@/components/field-traits";

/** Names that usually say what a record is, where no field is marked as presentable. */
const telling = ["title", "name", "label", "subject", "email", "username", "slug", "number", "text"];

/** The fields that stand for a record: those marked so, else the first with a telling name. */
export function presentingFields(collection: Collection | undefined): Field[] {
  const fields = collection?.fields ?? [];
  const marked = fields.filter((field) => field.presentable === true);
  if (marked.length > 0) return marked;
  for (const name of telling) {
    const found = fields.find((field) => field.name === name);
    if (found) return [found];
  }
  return [];
}

export function presentation(record: RecordData, collection: Collection | undefined): string {
  const parts = presentingFields(collection)
    .map(({ name }) => record[name])
    .filter((value) => (typeof value === "string" && value !== "") || typeof value === "number");
  return parts.length > 0 ? parts.join(" ") : record.id;
}

/** A text within the quotes of a filter. */
export function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

/**
 * A filter for what was typed: an expression as it is, words as a search in every field that holds text. Nothing when
 * there is nothing to search in.
 */
export function filterFor(typed: string, fields: Field[]): string | undefined {
  const text = typed.trim();
  if (text === "") return undefined;
  if (isExpression(text)) return text;
  const names = fields.filter(isSearchable).map(({ name }) => name);
  if (!names.includes("id")) names.unshift("id");
  return names.map((name) => `${name} ~ ${quoted(text)}`).join(" || ");
}

/** Whether it compares something; the rest are words. */
export function isExpression(text: string): boolean {
  return /[=<>~]/.test(text);
}
