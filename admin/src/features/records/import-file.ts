/** What is in a file that is to be imported: enough of it to say what its columns mean. The server reads all of it. */
import type { FileFormat } from "@/api/transfer";
import type { Collection, Field } from "@/api/types";

export interface FileColumn {
  name: string;
  sample: string;
}

export interface ImportFile {
  name: string;
  /** What is sent: the file as it is, but for a page of the API, whose items become a list. */
  content: Blob;
  format: FileFormat;
  delimiter: "," | ";" | "tab";
  columns: FileColumn[];
}

export type FileProblem = "empty" | "json" | "large";

/** As much as is looked at. */
const lookBytes = 64 * 1024;
/** What is in one piece has to be read as a whole, here. */
const wholeBytesMax = 64 * 1024 * 1024;
/** How often the beginning of a list is cut behind another brace until it is one. */
const cutsMax = 200;
const linesLooked = 20;
const sampleChars = 80;

export async function readImportFile(file: File): Promise<ImportFile | { problem: FileProblem }> {
  const head = (await file.slice(0, lookBytes).text()).replace(/^\uFEFF/, "");
  if (head.trim() === "") return { problem: "empty" };
  if (/^\s*[[{]/.test(head)) return readJson(file, head);
  const delimiter = guessDelimiter(head);
  const [names = [], ...rows] = csvRows(head, delimiter === "tab" ? "\t" : delimiter, linesLooked);
  const columns = names.map((name, place) => ({ name, sample: sampleOf(rows.map((row) => row[place])) }));
  return { name: file.name, content: file, format: "csv", delimiter, columns };
}

async function readJson(file: File, head: string): Promise<ImportFile | { problem: FileProblem }> {
  const shared = { name: file.name, format: "ndjson", delimiter: "," } as const;
  const lines = head.split("\n").filter((line) => line.trim() !== "");
  const whole = file.size <= lookBytes ? lines : lines.slice(0, -1);
  const records = whole.slice(0, linesLooked).map(parsed);
  if (records.length > 0 && records.every(isObject)) {
    return { ...shared, content: file, columns: columnsOf(records) };
  }
  const begun = file.size > lookBytes && head.trimStart().startsWith("[") ? beginningOf(head) : null;
  if (begun === null && file.size > wholeBytesMax) return { problem: "large" };
  const value = begun ?? parsed(await file.text());
  const items = Array.isArray(value) ? value : isObject(value) ? (value.items ?? [value]) : null;
  if (!Array.isArray(items) || !items.every(isObject)) return { problem: "json" };
  if (items.length === 0) return { problem: "empty" };
  const content = Array.isArray(value) ? file : new Blob([JSON.stringify(items)]);
  return { ...shared, format: "json", content, columns: columnsOf(items.slice(0, linesLooked)) };
}

/** The whole items at the beginning of a list that goes on; nothing when there is none. */
function beginningOf(head: string): unknown[] | null {
  let end = head.lastIndexOf("}");
  for (let cuts = 0; end > 0 && cuts < cutsMax; cuts += 1) {
    const items = parsed(`${head.slice(0, end + 1)}]`);
    if (Array.isArray(items)) return items;
    end = head.lastIndexOf("}", end - 1);
  }
  return null;
}

function columnsOf(records: Record<string, unknown>[]): FileColumn[] {
  const names = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return names.map((name) => ({ name, sample: sampleOf(records.map((record) => record[name])) }));
}

function sampleOf(values: unknown[]): string {
  const found = values.find((value) => value !== undefined && value !== null && value !== "");
  if (found === undefined) return "";
  return (typeof found === "string" ? found : JSON.stringify(found)).slice(0, sampleChars);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whichever parts the first line into most cells. */
export function guessDelimiter(text: string): ImportFile["delimiter"] {
  const count = (character: string) => csvRows(text, character, 1)[0]?.length ?? 0;
  const counts = [
    { delimiter: ",", count: count(",") },
    { delimiter: ";", count: count(";") },
    { delimiter: "tab", count: count("\t") },
  ] as const;
  return counts.reduce((best, each) => (each.count > best.count ? each : best)).delimiter;
}

/** The first rows, with quotes taken off (RFC 4180). */
export function csvRows(text: string, delimiter: string, most: number): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  const endRow = () => {
    row.push(cell);
    if (row.length > 1 || cell !== "") rows.push(row);
    row = [];
    cell = "";
  };
  for (let at = 0; at < text.length && rows.length < most; at += 1) {
    const character = text[at] as string;
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"' && cell === "") quoted = true;
    else if (character === delimiter) {
      row.push(cell);
      cell = "";
    } else if (character === "\n") endRow();
    else if (character !== "\r") cell += character;
  }
  if (rows.length < most && (row.length > 0 || cell !== "")) endRow();
  return rows;
}

/** What a column can be written to. */
export function importTargets(collection: Collection): Field[] {
  return collection.fields.filter(
    (field) => field.type !== "autodate" && !(field.system === true && field.name === "tokenKey"),
  );
}

/** The field that a column is meant for, by its name; nothing leaves it out. */
export function guessTarget(column: string, targets: Field[]): string {
  const plain = (name: string) => name.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const exact = targets.find(({ name }) => name === column);
  return (exact ?? targets.find(({ name }) => plain(name) === plain(column)))?.name ?? "";
}

/** What can tell one record from all others: the id, and what has a unique index alone. */
export function importKeys(collection: Collection): string[] {
  const unique = (collection.indexes ?? []).flatMap((sql) => {
    const found = /^\s*CREATE\s+UNIQUE\s+INDEX\b.*?\(\s*[`"[]?(\w+)[`"\]]?[^,)]*\)\s*$/is.exec(sql);
    return found?.[1] ? [found[1]] : [];
  });
  const marked = collection.fields.filter((field) => field.unique === true).map(({ name }) => name);
  return [...new Set(["id", ...marked, ...unique])].filter((name) =>
    importTargets(collection).some((field) => field.name === name),
  );
}

/** What is sent of a mapping: only what is called otherwise than its field. */
export function columnsParameter(mapping: Record<string, string>): string | undefined {
  const other = Object.entries(mapping).filter(([column, target]) => column !== target);
  return other.length > 0 ? JSON.stringify(Object.fromEntries(other)) : undefined;
}
