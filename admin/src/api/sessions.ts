/** The sessions of whoever is signed in. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

export type SessionEntry = Schemas["SessionEntry"];

export const sessionsKey = ["sessions"] as const;

export const sessionsQuery = () =>
  queryOptions({
    queryKey: sessionsKey,
    queryFn: async ({ signal }) => (await api.get("/api/admin/sessions", { signal })).items,
  });

export function endSession(id: string): Promise<void> {
  return api.delete("/api/admin/sessions/{id}", { path: { id } });
}
