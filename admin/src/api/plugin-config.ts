/** The configuration of a plugin that holds wherever it is called. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { keys } from "@/api/queries";

export type PluginConfig = Record<string, unknown>;

const path = (id: string) => `/api/plugins/${encodeURIComponent(id)}/config`;

export const pluginConfigQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "config"],
    queryFn: ({ signal }) => api.get<PluginConfig>(path(id), { signal }),
  });

/** In the place of the one before. */
export function setPluginConfig(id: string, config: PluginConfig): Promise<PluginConfig> {
  return api.put(path(id), { body: config });
}
