/** What can follow in a statement, out of the collections: tables, their columns, words of SQL. */
import type { Collection } from "@/api/types";
import type { Completion, Completions } from "@/components/code-editor";
import { kindLabel } from "@/components/field-kinds";
import { t } from "@/i18n";

const words =
  "SELECT FROM WHERE AND OR NOT NULL IS IN AS ON JOIN LEFT INNER GROUP ORDER BY HAVING LIMIT OFFSET UNION ALL DISTINCT CASE WHEN THEN ELSE END WITH ASC DESC LIKE BETWEEN EXISTS CAST INSERT INTO VALUES UPDATE SET DELETE RETURNING EXPLAIN".split(
    " ",
  );

/** Those that the engine takes for no name, beside the ones above. */
const reserved = new Set([
  ...words,
  ..."ADD ALTER AUTOINCREMENT CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT DEFERRABLE DROP ESCAPE EXCEPT FOREIGN INDEX INTERSECT ISNULL NOTHING NOTNULL PRIMARY REFERENCES TABLE TO TRANSACTION UNIQUE USING".split(
    " ",
  ),
]);

/** A name of a table, and what it is called in the statement. */
const source = /\b(?:from|join|update|into)\s+"?(\w+)"?(?:\s+(?:as\s+)?(\w+))?/gi;

export function completeSql(text: string, position: number, collections: Collection[]): Completions | null {
  const typed = /[\w.]*$/.exec(text.slice(0, position))?.[0] ?? "";
  if (isWithinText(text.slice(0, position - typed.length))) return null;
  const tables = collections.filter(({ name }) => name !== "");
  const dot = typed.lastIndexOf(".");
  if (dot >= 0) {
    const owner = tableOf(text, typed.slice(0, dot), tables);
    return owner ? { from: position - typed.length + dot + 1, options: columnsOf(owner) } : null;
  }
  const used = new Set([...text.matchAll(source)].map(([, name]) => name?.toLowerCase()));
  const columns = new Map(
    tables
      .filter(({ name }) => used.has(name.toLowerCase()))
      .flatMap(columnsOf)
      .map((column) => [column.label, column]),
  );
  return {
    from: position - typed.length,
    options: [
      ...columns.values(),
      ...tables.map(({ name }): Completion => {
        return { label: spelled(name), kind: "class", detail: t("rule.detail.collection") };
      }),
      ...words.map((label): Completion => ({ label, kind: "keyword" })),
    ],
  };
}

function isWithinText(before: string): boolean {
  return (before.replace(/--[^\n]*\n/g, "").match(/'/g)?.length ?? 0) % 2 === 1;
}

/** The table that a name stands for: its own one, or one that it was given. */
function tableOf(text: string, name: string, tables: Collection[]): Collection | undefined {
  const wanted = name.toLowerCase();
  const given = [...text.matchAll(source)].find(([, , alias]) => alias?.toLowerCase() === wanted)?.[1];
  const real = (given ?? name).toLowerCase();
  return tables.find((table) => table.name.toLowerCase() === real);
}

/** Without those that are NULL here. */
function columnsOf({ fields }: Collection): Completion[] {
  return fields
    .filter(({ type, name }) => type !== "password" && name !== "tokenKey")
    .map(({ name, type }) => ({ label: spelled(name), kind: "property", detail: kindLabel(type) }));
}

/** A name that is also a word of SQL stands in quotes. */
export function spelled(name: string): string {
  return reserved.has(name.toUpperCase()) ? `"${name}"` : name;
}
