/** The copy of the collections in a libSQL server: how far it is, trying a server, comparing, copying anew. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

export type SyncStatus = Schemas["SyncStatus"];
export type SyncedCollection = SyncStatus["collections"][number];
export type SyncVerification = Schemas["SyncVerification"];

export const syncQuery = () =>
  queryOptions({
    queryKey: ["sync"],
    queryFn: ({ signal }) => api.get("/api/sync", { signal }),
  });

/** Tries an address; the token that is kept goes with its own address only. Answers with what was said. */
export async function testSync(body: { url?: string; authToken?: string }): Promise<string[]> {
  const { dialogue } = await api.post("/api/sync/test", { body });
  return dialogue;
}

/** Begins to compare the copy row by row, and does not wait for the end. */
export function verifySync(): Promise<SyncVerification> {
  return api.post("/api/sync/verify");
}

/** Begins to copy everything anew. */
export function restartSync(): Promise<SyncStatus> {
  return api.post("/api/sync/restart");
}

/** Whether it will soon be otherwise, so that it is worth asking again at once. */
export function isMoving({ state, behind, verify }: SyncStatus): boolean {
  return state === "starting" || state === "copying" || behind > 0 || verify.state === "running";
}

/** How much of a collection is copied, from 0 to 1; nothing while that is not known. */
export function copiedShare({ copied, total }: SyncedCollection): number | null {
  return total > 0 ? Math.min(1, copied / total) : null;
}
