/** Records as files: where one is fetched, and how one is taken in. */
import { address, upload } from "@/api/client";
import type { Schemas } from "@/api/contract";

export type FileFormat = "csv" | "json" | "ndjson";

export interface ExportQuery {
  format: FileFormat;
  filter?: string;
  sort?: string;
  /** Names with commas between them. */
  fields?: string;
  /** Cells that a spreadsheet would take for formulas are made harmless; not for importing again. */
  spreadsheet?: 1;
}

/** An address that the browser downloads by itself, so that nothing is held in memory. */
export function exportUrl(collection: string, query: ExportQuery): string {
  return address("/api/collections/{collection}/records/export", {
    path: { collection },
    query: { ...query },
  });
}

export interface ImportQuery {
  format: FileFormat;
  delimiter?: string;
  /** A field whose value tells which record a row is. */
  key?: string;
  /** JSON: what columns mean that are called otherwise. */
  columns?: string;
  dryRun?: 1;
  skipHooks?: 1;
}

/** Of the errors the first hundred; rows are counted from 1. */
export type ImportReport = Schemas["ImportReport"];

interface ImportOptions {
  signal: AbortSignal;
  /** The share that has left this machine, from 0 to 1. */
  onProgress: (share: number) => void;
}

export function importRecords(
  collection: string,
  file: Blob,
  query: ImportQuery,
  options: ImportOptions,
): Promise<ImportReport> {
  const form = new FormData();
  form.set("file", file, `records.${query.format}`);
  return upload("/api/collections/{collection}/records/import", form, {
    path: { collection },
    query: { ...query },
    ...options,
  });
}
