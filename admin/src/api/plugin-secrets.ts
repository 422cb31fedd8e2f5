/** The secrets of plugins: set and bound to hosts, never read back. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { keys } from "@/api/queries";
import type { PluginSecret } from "@/api/types";

const path = (pluginId: string) => `/api/plugins/${encodeURIComponent(pluginId)}/secrets`;

export const secretsQuery = (pluginId: string) =>
  queryOptions({
    queryKey: [...keys.plugins, pluginId, "secrets"],
    queryFn: async ({ signal }) =>
      (await api.get<{ items: PluginSecret[] }>(path(pluginId), { signal })).items,
  });

export interface SecretDraft {
  name: string;
  value: string;
  hosts: string[];
}

export function setSecret(pluginId: string, body: SecretDraft): Promise<PluginSecret> {
  return api.put(path(pluginId), { body });
}

export function deleteSecret(pluginId: string, name: string): Promise<void> {
  return api.delete(`${path(pluginId)}/${encodeURIComponent(name)}`);
}
