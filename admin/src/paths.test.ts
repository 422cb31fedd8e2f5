import { createMemoryHistory } from "@tanstack/react-router";
import { expect, test } from "vitest";
import { makeApp } from "@/app";
import { paths } from "@/paths";

const { router } = makeApp({ history: createMemoryHistory({ initialEntries: ["/_/"] }) });

test("every place has its address", () => {
  const addresses = [
    paths.login(),
    paths.collections(),
    paths.collection("posts"),
    paths.collection("a b/c"),
    paths.plugins(),
    paths.plugin("p1"),
  ].map((place) => router.buildLocation(place).publicHref);
  expect(addresses).toEqual([
    "/_/login",
    "/_/collections",
    "/_/collections/posts",
    "/_/collections/a%20b%2Fc",
    "/_/plugins",
    "/_/plugins/p1",
  ]);
});

test("search values stay the texts that they are", () => {
  const { publicHref } = router.buildLocation({ to: "/setup", search: { token: "0123456789012345678901" } });
  expect(publicHref).toBe("/_/setup?token=0123456789012345678901");
});
