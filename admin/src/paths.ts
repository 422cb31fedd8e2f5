/** Every place a link can lead to. Typed against the routes, so that a renamed route does not compile here. */
import { linkOptions } from "@tanstack/react-router";
import type { PluginsTab, PluginTab } from "@/features/plugins/search";

export const paths = {
  login: () => linkOptions({ to: "/login" }),
  home: () => linkOptions({ to: "/" }),
  settings: () => linkOptions({ to: "/settings" }),
  collections: () => linkOptions({ to: "/collections" }),
  /** The collections, with the dialog for a new one open. */
  newCollection: () => linkOptions({ to: "/collections", search: { create: "yes" } }),
  collection: (name: string) => linkOptions({ to: "/collections/$name", params: { name } }),
  records: (name: string) => linkOptions({ to: "/collections/$name/records", params: { name } }),
  /** The records of a collection with the panel of one of them open; `new` begins one. */
  record: (name: string, id: string) =>
    linkOptions({ to: "/collections/$name/records", params: { name }, search: { record: id } }),
  realtime: () => linkOptions({ to: "/realtime" }),
  logs: () => linkOptions({ to: "/logs" }),
  /** What the request log has of a word: an id, an address. */
  logsOf: (filter: string) => linkOptions({ to: "/logs", search: { filter } }),
  /** Who changed what; with the details of one change open. */
  activity: (entry?: string) => linkOptions({ to: "/logs", search: { tab: "activity", entry } }),
  sql: () => linkOptions({ to: "/sql" }),
  plugins: () => linkOptions({ to: "/plugins" }),
  /** A part of the plugins' page: of the order, that of one collection. */
  pluginsPart: (tab: PluginsTab, collection?: string) =>
    linkOptions({ to: "/plugins", search: { tab, collection } }),
  plugin: (id: string, tab?: PluginTab) =>
    linkOptions({ to: "/plugins/$id", params: { id }, search: { tab } }),
};
