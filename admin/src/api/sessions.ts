/** The sessions of whoever is signed in. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";

export interface SessionEntry {
  id: string;
  created: string;
  expires: string;
  ip: string;
  userAgent: string;
  current: boolean;
}

export const sessionsKey = ["sessions"] as const;

export const sessionsQuery = () =>
  queryOptions({
    queryKey: sessionsKey,
    queryFn: async ({ signal }) =>
      (await api.get<{ items: SessionEntry[] }>("/api/admin/sessions", { signal })).items,
  });

export function endSession(id: string): Promise<void> {
  return api.delete(`/api/admin/sessions/${encodeURIComponent(id)}`);
}
