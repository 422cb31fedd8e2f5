/** Keys that let programs in. The key itself is told once, by what makes or rotates it. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";

/** Without `ips` it is good from everywhere; moments that there are not are empty texts. */
export type ApiKey = Schemas["ApiKey"];
export type KeyDraft = Pick<ApiKey, "name" | "scopes" | "readOnly" | "ips" | "expires">;
export type ToldKey = Schemas["ToldKey"];

export const apiKeysKey = ["apiKeys"] as const;

export const apiKeysQuery = () =>
  queryOptions({
    queryKey: apiKeysKey,
    queryFn: async ({ signal }) => (await api.get("/api/keys", { signal })).items,
  });

export function createKey(body: KeyDraft): Promise<ToldKey> {
  return api.post("/api/keys", { body });
}

export function updateKey(id: string, body: Partial<KeyDraft>): Promise<ApiKey> {
  return api.patch("/api/keys/{id}", { path: { id }, body });
}

/** The key before is good for so many seconds more. */
export function rotateKey(id: string, overlap: number): Promise<ToldKey> {
  return api.post("/api/keys/{id}/rotate", { path: { id }, body: { overlap } });
}

export function revokeKey(id: string): Promise<void> {
  return api.delete("/api/keys/{id}", { path: { id } });
}
