/** Where files are kept: what is known of buckets, and the move of all files from one place to the other. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";

export interface StoragePreset {
  id: string;
  name: string;
  /** With `{region}` or `{account}` where one's own goes. */
  endpoint: string;
  region: string;
  forcePathStyle: boolean;
  /** What to know about the key. */
  hint: string;
}

export const storagePresetsQuery = () =>
  queryOptions({
    queryKey: ["storage", "presets"],
    queryFn: ({ signal }) => api.get<StoragePreset[]>("/api/settings/storage/presets", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

export interface StorageMove {
  state: "idle" | "running" | "done" | "failed" | "cancelled";
  /** `s3` or `local`; nothing before the first. */
  to: string;
  files: number;
  bytes: number;
  movedFiles: number;
  movedBytes: number;
  failedFiles: number;
  /** What went wrong first. */
  problem: string;
  started: string;
  ended: string;
}

const movePath = "/api/settings/storage/migrate";

export const storageMoveQuery = () =>
  queryOptions({
    queryKey: ["storage", "move"],
    queryFn: ({ signal }) => api.get<StorageMove>(movePath, { signal }),
  });

/** Begins to move all files to where new ones go, and does not wait for the end. */
export function moveStorage(to: string): Promise<StorageMove> {
  return api.post(movePath, { body: { to } });
}

/** Stops behind the files that are on their way; what was moved stays moved. */
export function stopStorageMove(): Promise<void> {
  return api.delete(movePath);
}
