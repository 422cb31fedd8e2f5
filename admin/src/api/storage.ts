/** Where files are kept: what is known of buckets, and the move of all files from one place to the other. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

/** Its endpoint has `{region}` or `{account}` where one's own goes; its hint is what to know about the key. */
export type StoragePreset = Schemas["StoragePreset"];

export const storagePresetsQuery = () =>
  queryOptions({
    queryKey: ["storage", "presets"],
    queryFn: ({ signal }) => api.get("/api/settings/storage/presets", { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });

/** It goes `to` `s3` or `local`, or nowhere before the first; `problem` is what went wrong first. */
export type StorageMove = Schemas["StorageMove"];

const move = "/api/settings/storage/migrate";

export const storageMoveQuery = () =>
  queryOptions({
    queryKey: ["storage", "move"],
    queryFn: ({ signal }) => api.get(move, { signal }),
  });

/** Begins to move all files to where new ones go, and does not wait for the end. */
export function moveStorage(to: string): Promise<StorageMove> {
  return api.post(move, { body: { to } });
}

/** Stops behind the files that are on their way; what was moved stays moved. */
export function stopStorageMove(): Promise<void> {
  return api.delete(move);
}

/** How much of it is done, from 0 to 1; nothing while the files are still being counted. */
export function movedShare({ files, bytes, movedFiles, movedBytes }: StorageMove): number | null {
  if (files === 0) return null;
  // Empty files weigh nothing and have to be moved all the same.
  return Math.min(1, bytes > 0 ? movedBytes / bytes : movedFiles / files);
}
