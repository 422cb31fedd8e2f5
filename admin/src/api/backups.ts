/** The backups: made, fetched, checked, put in the place of the data; `/api/backups`. */
import { queryOptions } from "@tanstack/react-query";
import { api, type UploadOptions, upload } from "@/api/client";

export interface Backup {
  key: string;
  size: number;
  modified: string;
}

interface BackupWork {
  action: string;
  key: string;
  started: string;
}

/** One thing is done at a time. */
export interface BackupStatus {
  running: (BackupWork & { step: string; doneBytes: number; totalBytes: number }) | null;
  last: (BackupWork & { outcome: string; detail?: string }) | null;
}

export interface BackupReport {
  valid: boolean;
  problem: string;
  code: string;
  created?: string;
  appName?: string;
  tinybase?: string;
  entries?: number;
  bytes?: number;
  filesElsewhere?: number;
}

export const backupsKey = ["backups"] as const;
const path = (key: string) => `/api/backups/${encodeURIComponent(key)}`;

export const backupsQuery = () =>
  queryOptions({
    queryKey: [...backupsKey, "list"],
    queryFn: ({ signal }) => api.get<Backup[]>("/api/backups", { signal }),
  });

export const backupStatusQuery = () =>
  queryOptions({
    queryKey: [...backupsKey, "status"],
    queryFn: ({ signal }) => api.get<BackupStatus>("/api/backups/status", { signal }),
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
  return api.delete(path(key));
}

export function verifyBackup(key: string): Promise<BackupReport> {
  return api.post(`${path(key)}/verify`);
}

/** Answered when the archive was checked and unpacked; a moment later the server works on its data. */
export function restoreBackup(key: string): Promise<void> {
  return api.post(`${path(key)}/restore`);
}

/** An address that the browser fetches the archive from; its token is short-lived. */
export async function backupAddress(key: string): Promise<string> {
  const { token } = await api.post<{ token: string }>("/api/files/token");
  return `${path(key)}?token=${encodeURIComponent(token)}`;
}
