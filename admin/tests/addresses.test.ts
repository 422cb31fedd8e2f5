/** The end-to-end tests look at every screen: a route without an address in their list would be looked at by none of them. */
import { QueryClient } from "@tanstack/react-query";
import { createMemoryHistory } from "@tanstack/react-router";
import { expect, test } from "vitest";
import { makeRouter } from "@/routes";
import { inside, ofPlugin, outside } from "../e2e/harness/addresses";

test("every route has an address", () => {
  const router = makeRouter(new QueryClient(), createMemoryHistory());
  const seen = [...outside, ...inside, ...ofPlugin("p1")].map((path) =>
    path.replace(/^\/_/, "").replace(/\?.*/, ""),
  );
  const routes = Object.keys(router.routesByPath).filter((path) => path !== "");
  const unseen = routes.filter((route) => {
    const shape = new RegExp(`^${route.replace(/\$\w+/g, "[^/]+")}/?$`);
    return !seen.some((path) => shape.test(path));
  });
  expect(unseen).toEqual([]);
  expect(routes.length).toBeGreaterThan(12);
});
