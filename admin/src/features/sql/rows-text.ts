/** The rows of an answer as a text to take along. */
import type { StatementRows } from "@/api/sql";

/** RFC 4180. NULL is nothing at all, an empty text a pair of quotes. */
export function asCsv({ columns, rows }: StatementRows): string {
  const lines = [columns.map(({ name }) => name), ...rows].map((row) => row.map(cell).join(","));
  return `${lines.join("\r\n")}\r\n`;
}

function cell(value: string | null): string {
  if (value === null) return "";
  return value === "" || /[",\r\n]|^\s|\s$/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** One object for each row. A column whose name is taken gets a number behind it. */
export function asJson({ columns, rows }: StatementRows): string {
  const names = distinct(columns.map(({ name }) => name));
  const objects = rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index]])));
  return JSON.stringify(objects, null, 2);
}

/** As few names are changed as can be, so that each is another one. */
export function distinct(names: string[]): string[] {
  const taken = new Set(names);
  const seen = new Set<string>();
  return names.map((name) => {
    let free = name;
    for (let count = 2; seen.has(free) || (free !== name && taken.has(free)); count += 1)
      free = `${name}_${count}`;
    seen.add(free);
    return free;
  });
}
