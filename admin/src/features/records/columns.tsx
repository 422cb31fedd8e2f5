/** The columns of a table of records: which there are, how wide, and what can be sorted. */
import type { Collection, Field } from "@/api/types";
import { isSecret } from "@/components/field-traits";
import { namesIn } from "./search";

const widths: Record<string, number> = {
  bool: 90,
  number: 110,
  date: 150,
  autodate: 150,
  select: 160,
  relation: 220,
  file: 200,
  json: 240,
  editor: 280,
  email: 220,
  url: 220,
};
const usualWidth = 200;
const idWidth = 170;

export const selectWidth = 44;

/** In the order of the definition, the moments last, without what is never shown. Those that `order` names come first, in its order. */
export function tableFields(collection: Collection, order?: string): Field[] {
  const shown = collection.fields.filter((field) => !isSecret(field));
  const late = (field: Field) => Number(field.type === "autodate");
  const names = namesIn(order);
  const place = ({ name }: Field) => (names.includes(name) ? names.indexOf(name) : names.length);
  return [...shown].sort((a, b) => place(a) - place(b) || late(a) - late(b));
}

/** What an order says in the address; nothing for the usual one. */
export function orderText(collection: Collection, names: string[]): string | undefined {
  const usual = tableFields(collection).map(({ name }) => name);
  return usual.join() === names.join() ? undefined : names.join(",");
}

export function columnWidth(field: Field): number {
  return field.primaryKey === true ? idWidth : (widths[field.type] ?? usualWidth);
}

export function canSort(field: Field): boolean {
  return !["json", "file", "geoPoint", "array", "vector", "relation"].includes(field.type);
}

/** What to ask the server for: long texts cut short, related records along. */
export function wantedParts(fields: Field[]): { fields?: string; expand?: string } {
  const long = fields.filter(({ type }) => type === "editor");
  const relations = fields.filter(({ type }) => type === "relation");
  return {
    ...(long.length > 0 && {
      fields: ["*", ...long.map(({ name }) => `${name}:excerpt(200,true)`)].join(","),
    }),
    ...(relations.length > 0 && { expand: relations.map(({ name }) => name).join(",") }),
  };
}

/** Kinds whose value the list cuts short, does not tell, or that a cell has no room for. */
const onlyInPanel = ["editor", "password", "autodate"];

export function canEditInCell(collection: Collection, field: Field): boolean {
  return collection.type !== "view" && field.primaryKey !== true && !onlyInPanel.includes(field.type);
}
