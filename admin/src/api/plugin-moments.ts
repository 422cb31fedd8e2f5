/** When plugins are called that no collection calls: by the clock, and by requests below `/api/x/`. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";
import { ApiError } from "@/api/errors";
import { keys } from "@/api/queries";

/** Its `cron` is the id of its job. */
export type PluginSchedule = Schemas["PluginSchedule"];
export type ScheduleDraft = Pick<PluginSchedule, "name" | "expression" | "enabled" | "config" | "limits">;

export const schedulesQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "schedules"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/plugins/{id}/schedules", { path: { id }, signal })).items,
  });

/** A new one, or a change of the one with the id. */
export function saveSchedule(
  id: string,
  schedule: string | null,
  body: Partial<ScheduleDraft>,
): Promise<PluginSchedule> {
  return schedule === null
    ? api.post("/api/plugins/{id}/schedules", { path: { id }, body })
    : api.patch("/api/plugins/{id}/schedules/{schedule}", { path: { id, schedule }, body });
}

export function endSchedule(id: string, schedule: string): Promise<void> {
  return api.delete("/api/plugins/{id}/schedules/{schedule}", { path: { id, schedule } });
}

export type PluginRoute = Schemas["PluginRoute"];
export type RouteAccess = PluginRoute["access"];
export const routeAccess = ["superuser", "user", "guest"] as const satisfies RouteAccess[];

export type RouteDraft = Pick<PluginRoute, "access" | "enabled" | "config" | "limits">;

/** `null` while it was given none. */
export const routeQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "route"],
    queryFn: ({ signal }): Promise<PluginRoute | null> =>
      api.get("/api/plugins/{id}/route", { path: { id }, signal }).catch((error) => {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }),
  });

export function setRoute(id: string, body: RouteDraft): Promise<PluginRoute> {
  return api.put("/api/plugins/{id}/route", { path: { id }, body });
}

export function removeRoute(id: string): Promise<void> {
  return api.delete("/api/plugins/{id}/route", { path: { id } });
}
