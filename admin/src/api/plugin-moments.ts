/** When plugins are called that no collection calls: by the clock, and by requests below `/api/x/`. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { ApiError } from "@/api/errors";
import { keys } from "@/api/queries";
import type { AttachmentLimits } from "@/api/types";

const path = (id: string) => `/api/plugins/${encodeURIComponent(id)}`;

export interface PluginSchedule {
  id: string;
  plugin: string;
  name: string;
  expression: string;
  enabled: boolean;
  config: Record<string, unknown>;
  limits: AttachmentLimits | null;
  /** The id of its job. */
  cron: string;
  created: string;
}

export type ScheduleDraft = Pick<PluginSchedule, "name" | "expression" | "enabled" | "config" | "limits">;

export const schedulesQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "schedules"],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: PluginSchedule[] }>(`${path(id)}/schedules`, { signal })).items,
  });

/** A new one, or a change of the one with the id. */
export function saveSchedule(id: string, schedule: string | null, body: Partial<ScheduleDraft>) {
  return schedule === null
    ? api.post<PluginSchedule>(`${path(id)}/schedules`, { body })
    : api.patch<PluginSchedule>(`${path(id)}/schedules/${encodeURIComponent(schedule)}`, { body });
}

export function endSchedule(id: string, schedule: string): Promise<void> {
  return api.delete(`${path(id)}/schedules/${encodeURIComponent(schedule)}`);
}

export const routeAccess = ["superuser", "user", "guest"] as const;
export type RouteAccess = (typeof routeAccess)[number];

export interface PluginRoute {
  plugin: string;
  path: string;
  access: RouteAccess;
  enabled: boolean;
  config: Record<string, unknown>;
  limits: AttachmentLimits | null;
  created: string;
}

export type RouteDraft = Pick<PluginRoute, "access" | "enabled" | "config" | "limits">;

/** `null` while it was given none. */
export const routeQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "route"],
    queryFn: ({ signal }) =>
      api.get<PluginRoute>(`${path(id)}/route`, { signal }).catch((error) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }),
  });

export function setRoute(id: string, body: RouteDraft): Promise<PluginRoute> {
  return api.put(`${path(id)}/route`, { body });
}

export function removeRoute(id: string): Promise<void> {
  return api.delete(`${path(id)}/route`);
}
