/** The configuration of a plugin that holds wherever it is called. */
import { queryOptions } from "@tanstack/react-query";
import { api } from "@/api/client";
import { keys } from "@/api/queries";

/** Its shape is the plugin's own. */
export type PluginConfig = Record<string, unknown>;

export const pluginConfigQuery = (id: string) =>
  queryOptions({
    queryKey: [...keys.plugins, id, "config"],
    queryFn: async ({ signal }) =>
      (await api.get("/api/plugins/{id}/config", { path: { id }, signal })) as PluginConfig,
  });

/** In the place of the one before. */
export async function setPluginConfig(id: string, config: PluginConfig): Promise<PluginConfig> {
  return (await api.put("/api/plugins/{id}/config", { path: { id }, body: config })) as PluginConfig;
}
