/** The backups: made, fetched, checked, put in the place of the data; `/api/backups`. */
import { queryOptions } from "@tanstack/react-query";
import { address, api, type UploadOptions, upload } from "@/api/client";
import type { Schemas } from "@/api/contract";

export type Backup = Schemas["Backup"];
/** One thing is done at a time. */
export type BackupStatus = Schemas["BackupStatus"];
export type BackupReport = Schemas["BackupReport"];

export const backupsKey = ["backups"] as const;

export const backupsQuery = () =>
  queryOptions({
    queryKey: [...backupsKey, "list"],
    queryFn: ({ signal }) => api.get("/api/backups", { signal }),
  });

export const backupStatusQuery = () =>
  queryOptions({
    queryKey: [...backupsKey, "status"],
    queryFn: ({ signal }) => api.get("/api/backups/status", { signal }),
  });

/** Answered when the backup is there. */
export function createBackup(name: string): Promise<void> {
  return api.post("/api/backups", { body: name ? { name } : {} });
}

export function uploadBackup(file: File, options: UploadOptions): Promise<void> {
  const form = new FormData();
  form.set("file", file);
  return upload("/api/backups/upload", form, options);
}

export function deleteBackup(key: string): Promise<void> {
  return api.delete("/api/backups/{key}", { path: { key } });
}

export function verifyBackup(key: string): Promise<BackupReport> {
  return api.post("/api/backups/{key}/verify", { path: { key } });
}

/** Answered when the archive was checked and unpacked; a moment later the server works on its data. */
export function restoreBackup(key: string): Promise<void> {
  return api.post("/api/backups/{key}/restore", { path: { key } });
}

/** An address that the browser fetches the archive from; its token is short-lived. */
export async function backupAddress(key: string): Promise<string> {
  const query = await api.post("/api/files/token");
  return address("/api/backups/{key}", { path: { key }, query });
}
