import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aPlugin } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const counted = (totalItems: number) => ({
  body: { page: 1, perPage: 1, totalItems, totalPages: totalItems, items: [] },
});
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([
    aCollection({ name: "posts", listRule: "" }),
    aCollection({ name: "members", type: "auth", updated: "2026-11-25 10:00:00.000Z" }),
    aCollection({ name: "_superusers", type: "auth", system: true }),
  ]),
  "GET /api/collections/posts/records": counted(1200),
  "GET /api/collections/members/records": counted(34),
  "GET /api/plugins": pageOf([aPlugin({ state: "active" }), aPlugin({ id: "p2", state: "disabled" })]),
};

test("totals, and the collections that changed last", async () => {
  stubServer(base);
  renderApp("/");
  const totals = await screen.findByRole("list", { name: "Totals" });
  await waitFor(() => expect(totals).toHaveTextContent(/Records1,234/));
  expect(totals).toHaveTextContent(/Collections2/);
  expect(totals).toHaveTextContent(/Accounts34/);
  expect(totals).toHaveTextContent(/Active plugins1/);
  const recent = within(screen.getByRole("list", { name: "Recently changed collections" })).getAllByRole(
    "link",
  );
  expect(recent.map((link) => link.getAttribute("href"))).toEqual([
    "/_/collections/members/records",
    "/_/collections/posts/records",
  ]);
  expect(screen.queryByRole("heading", { name: "Getting started" })).toBeNull();
});

test("a new project says how to begin", async () => {
  stubServer({ ...base, "GET /api/collections": pageOf([]), "GET /api/plugins": pageOf([]) });
  const { user, address } = renderApp("/");
  await screen.findByRole("heading", { name: "Getting started" });
  await user.click(screen.getByRole("link", { name: "Create a collection" }));
  await waitFor(() => expect(address()).toBe("/collections?create=yes"));
  expect(await screen.findByRole("dialog", { name: "New collection" })).toBeVisible();
});

test("a failure can be tried again", async () => {
  let broken = true;
  stubServer({
    ...base,
    "GET /api/collections": () => (broken ? refusal(500, "Oops.") : base["GET /api/collections"]),
  });
  const { user } = renderApp("/");
  expect(await screen.findByText("Request req-1")).toBeVisible();
  broken = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("list", { name: "Totals" })).toBeVisible();
});

test("the palette finds collections and pages, and does things", async () => {
  stubServer(base);
  const { user, address } = renderApp("/");
  await screen.findByRole("list", { name: "Totals" });
  await user.keyboard("{Control>}k{/Control}");
  await user.type(
    await screen.findByPlaceholderText("Search pages, collections and actions"),
    "records memb{Enter}",
  );
  await waitFor(() => expect(address()).toBe("/collections/members/records"));
  await user.click(screen.getAllByRole("button", { name: "Search" })[0] as HTMLElement);
  await user.type(
    await screen.findByPlaceholderText("Search pages, collections and actions"),
    "theme dark{Enter}",
  );
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(localStorage.getItem("tinybase.preferences")).toContain('"dark"');
});

test("two keys lead to a page, and a question mark lists them all", async () => {
  stubServer(base);
  const { user, address } = renderApp("/");
  await screen.findByRole("list", { name: "Totals" });
  await user.keyboard("gp");
  await waitFor(() => expect(address()).toBe("/plugins"));
  await user.keyboard("?");
  expect(await screen.findByRole("dialog", { name: "Keyboard shortcuts" })).toHaveTextContent(
    "Go to Plugins",
  );
});
