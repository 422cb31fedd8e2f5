/** Every place a link can lead to. Typed against the routes, so that a renamed route does not compile here. */
import { linkOptions } from "@tanstack/react-router";

export const paths = {
  login: () => linkOptions({ to: "/login" }),
  collections: () => linkOptions({ to: "/collections" }),
  collection: (name: string) => linkOptions({ to: "/collections/$name", params: { name } }),
  records: (name: string) => linkOptions({ to: "/collections/$name/records", params: { name } }),
  /** The records of a collection with the panel of one of them open; `new` begins one. */
  record: (name: string, id: string) =>
    linkOptions({ to: "/collections/$name/records", params: { name }, search: { record: id } }),
  realtime: () => linkOptions({ to: "/realtime" }),
  plugins: () => linkOptions({ to: "/plugins" }),
  plugin: (id: string) => linkOptions({ to: "/plugins/$id", params: { id } }),
};
