/** What has happened: requests that were answered, and what was changed by whom. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Page } from "@/api/types";

export interface LogRow {
  id: string;
  created: string;
  /** 0, or 8 for what was refused or failed. */
  level: number;
  message: string;
  data: Record<string, unknown>;
}

export interface LogHour {
  date: string;
  total: number;
}

export interface ActivityEntry {
  id: string;
  created: string;
  actorKind: string;
  actorCollection: string;
  actorId: string;
  actorName: string;
  ip: string;
  requestId: string;
  action: string;
  kind: string;
  subject: string;
  name: string;
  /** What differs, and nothing else. */
  before: unknown;
  after: unknown;
}

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
    queryFn: ({ signal }) =>
      api.get<Page<LogRow>>("/api/logs", { query: { ...query, sort: "-created" }, signal }),
    placeholderData: keepPreviousData,
  });

/** How many there were in each hour that had any. */
export const logStatsQuery = (filter: string | undefined) =>
  queryOptions({
    queryKey: [...logsKey, "stats", filter],
    queryFn: ({ signal }) => api.get<LogHour[]>("/api/logs/stats", { query: { filter }, signal }),
    placeholderData: keepPreviousData,
  });

export const logQuery = (id: string) =>
  queryOptions({
    queryKey: [...logsKey, "one", id],
    queryFn: ({ signal }) => api.get<LogRow>(`/api/logs/${encodeURIComponent(id)}`, { signal }),
  });

export const logKeys = logsKey;

export function clearLogs(): Promise<void> {
  return api.delete("/api/logs");
}

export const activityQuery = (query: LogQuery) =>
  queryOptions({
    queryKey: [...activityKey, "list", query],
    queryFn: ({ signal }) => api.get<Page<ActivityEntry>>("/api/activity", { query: { ...query }, signal }),
    placeholderData: keepPreviousData,
  });

export const activityEntryQuery = (id: string) =>
  queryOptions({
    queryKey: [...activityKey, "one", id],
    queryFn: ({ signal }) => api.get<ActivityEntry>(`/api/activity/${encodeURIComponent(id)}`, { signal }),
  });
