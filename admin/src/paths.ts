/** Every place a link can lead to. Typed against the routes, so that a renamed route does not compile here. */
import { linkOptions } from "@tanstack/react-router";

export const paths = {
  login: () => linkOptions({ to: "/login" }),
  collections: () => linkOptions({ to: "/collections" }),
  collection: (name: string) => linkOptions({ to: "/collections/$name", params: { name } }),
  plugins: () => linkOptions({ to: "/plugins" }),
  plugin: (id: string) => linkOptions({ to: "/plugins/$id", params: { id } }),
};
