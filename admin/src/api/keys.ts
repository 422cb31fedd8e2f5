/** Keys that let programs in. The key itself is told once, by what makes or rotates it. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";

export interface ApiKey {
  id: string;
  name: string;
  scopes: string[];
  readOnly: boolean;
  /** Addresses and networks; without any it is good from everywhere. */
  ips: string[];
  /** Empty where there is no such moment. */
  expires: string;
  lastUsed: string;
  oldKeyUntil: string;
  createdBy: string;
  created: string;
  updated: string;
}

export type KeyDraft = Pick<ApiKey, "name" | "scopes" | "readOnly" | "ips" | "expires">;
export type ToldKey = ApiKey & { key: string };

export const apiKeysKey = ["apiKeys"] as const;

export const apiKeysQuery = () =>
  queryOptions({
    queryKey: apiKeysKey,
    queryFn: async ({ signal }) => (await api.get<{ items: ApiKey[] }>("/api/keys", { signal })).items,
  });

const keyPath = (id: string) => `/api/keys/${encodeURIComponent(id)}`;

export function createKey(body: KeyDraft): Promise<ToldKey> {
  return api.post("/api/keys", { body });
}

export function updateKey(id: string, body: Partial<KeyDraft>): Promise<ApiKey> {
  return api.patch(keyPath(id), { body });
}

/** The key before is good for so many seconds more. */
export function rotateKey(id: string, overlap: number): Promise<ToldKey> {
  return api.post(`${keyPath(id)}/rotate`, { body: { overlap } });
}

export function revokeKey(id: string): Promise<void> {
  return api.delete(keyPath(id));
}
