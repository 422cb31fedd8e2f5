/** The secrets of plugins: set and bound to hosts, never read back. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import type { Schemas } from "@/api/contract";
import { keys } from "@/api/queries";
import type { PluginSecret } from "@/api/types";

export const secretsQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "secrets"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/plugins/{id}/secrets", { path: { id }, signal })).items,
  });

export type SecretDraft = Schemas["SecretInput"];

export function setSecret(id: string, body: SecretDraft): Promise<PluginSecret> {
  return api.put("/api/plugins/{id}/secrets", { path: { id }, body });
}

export function deleteSecret(id: string, name: string): Promise<void> {
  return api.delete("/api/plugins/{id}/secrets/{name}", { path: { id, name } });
}
