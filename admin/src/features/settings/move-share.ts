import type { StorageMove } from "@/api/storage";

/** How much of it is done, from 0 to 1; nothing while the files are still being counted. */
export function shareOf({ files, bytes, movedFiles, movedBytes }: StorageMove): number | null {
  if (files === 0) return null;
  // Empty files weigh nothing and have to be moved all the same.
  return Math.min(1, bytes > 0 ? movedBytes / bytes : movedFiles / files);
}
