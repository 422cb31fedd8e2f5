/** What has happened: requests that were answered, and what was changed by whom. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

/** Its level is 0, or 8 for what was refused or failed. */
export type LogRow = Schemas["LogRow"];
export type LogHour = Schemas["LogHour"];
/** `before` and `after` hold what differs, and nothing else. */
export type ActivityEntry = Schemas["ActivityEntry"];

export interface LogQuery {
  page: number;
  perPage: number;
  filter?: string;
}

const logsKey = ["logs"] as const;
const activityKey = ["activity"] as const;

export const logsQuery = (query: LogQuery) =>
  queryOptions({
    queryKey: [...logsKey, "list", query],
    queryFn: ({ signal }) => api.get("/api/logs", { query: { ...query, sort: "-created" }, signal }),
    placeholderData: keepPreviousData,
  });

/** How many there were in each hour that had any. */
export const logStatsQuery = (filter: string | undefined) =>
  queryOptions({
    queryKey: [...logsKey, "stats", filter],
    queryFn: ({ signal }) => api.get("/api/logs/stats", { query: { filter }, signal }),
    placeholderData: keepPreviousData,
  });

export const logQuery = (id: string) =>
  queryOptions({
    queryKey: [...logsKey, "one", id],
    queryFn: ({ signal }) => api.get("/api/logs/{id}", { path: { id }, signal }),
  });

export const logKeys = logsKey;

export function clearLogs(): Promise<void> {
  return api.delete("/api/logs");
}

export const activityQuery = (query: LogQuery) =>
  queryOptions({
    queryKey: [...activityKey, "list", query],
    queryFn: ({ signal }) => api.get("/api/activity", { query: { ...query }, signal }),
    placeholderData: keepPreviousData,
  });

export const activityEntryQuery = (id: string) =>
  queryOptions({
    queryKey: [...activityKey, "one", id],
    queryFn: ({ signal }) => api.get("/api/activity/{id}", { path: { id }, signal }),
  });
