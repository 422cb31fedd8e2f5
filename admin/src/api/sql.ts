/** Statements of superusers, which the server runs as they are. */
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

export interface Statement {
  query: string;
  /** Without it the server refuses whatever writes. */
  write: boolean;
}

/** Its values are texts or null; `execTime` is in milliseconds. */
export type StatementRows = Schemas["Rows"];

/** What reads ends with the signal; what writes is done or not done by then. */
export function runStatement({ query, write }: Statement, signal: AbortSignal): Promise<StatementRows> {
  return api.post("/api/sql", { body: { query, ...(write && { write }) }, signal });
}
