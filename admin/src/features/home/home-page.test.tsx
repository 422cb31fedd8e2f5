import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aPlugin, someStats } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const entry = {
  id: "c1",
  created: "2026-11-28 10:00:00.000Z",
  actorKind: "superuser",
  actorCollection: "_superusers",
  actorId: "u1",
  actorName: "ada@example.com",
  ip: "",
  requestId: "",
  action: "update",
  kind: "collection",
  subject: "posts",
  name: "posts",
  before: null,
  after: null,
  hooks: [],
};
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([
    aCollection({ name: "posts", listRule: "" }),
    aCollection({ name: "members", type: "auth", updated: "2026-11-25 10:00:00.000Z" }),
    aCollection({ name: "_superusers", type: "auth", system: true }),
  ]),
  "GET /api/system/stats": { body: someStats() },
  "GET /api/activity": pageOf([entry]),
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
  expect(totals).toHaveTextContent(/Files12/);
  const recent = within(screen.getByRole("list", { name: "Recently changed collections" })).getAllByRole(
    "link",
  );
  expect(recent.map((link) => link.getAttribute("href"))).toEqual([
    "/_/collections/members/records",
    "/_/collections/posts/records",
  ]);
  expect(screen.queryByRole("heading", { name: "Getting started" })).toBeNull();
});

test("what every server begins with is no step that was taken", async () => {
  const users = aCollection({ id: "_pb_users_auth_", name: "users", type: "auth", listRule: "id = ''" });
  stubServer({
    ...base,
    "GET /api/collections": pageOf([users]),
    "GET /api/plugins": pageOf([]),
    "GET /api/system/stats": {
      body: someStats({ totals: { collections: 1, records: 0, recordsOf: { users: 0 } } }),
    },
  });
  renderApp("/");
  expect(await screen.findByRole("link", { name: "Create a collection" })).toBeVisible();
  expect(screen.getByRole("heading", { name: "Getting started" })).toBeVisible();
  expect(screen.queryByText("done")).toBeNull();
});

test("how the server is stands in words and figures, and who changed what last", async () => {
  stubServer({
    ...base,
    "GET /api/system/stats": { body: someStats({ outbox: { pending: 4, dead: 2 } }) },
  });
  const { user, address } = renderApp("/");
  const found = await screen.findByRole("list", { name: "How the server is" });
  expect(found).toHaveTextContent("2 events for plugins were given up");
  expect(screen.getByText("120 in the last minute")).toBeVisible();
  expect(screen.getByText("Up for 2 hours.")).toBeVisible();
  const activity = await screen.findByRole("list", { name: "Recent activity" });
  expect(activity).toHaveTextContent(/Collection posts.*ada@example.com/);
  await user.click(screen.getByRole("link", { name: "See all" }));
  await waitFor(() => expect(address()).toBe("/logs?tab=activity"));
});

test("figures that cannot be read leave the rest of the page", async () => {
  stubServer({ ...base, "GET /api/system/stats": refusal(500, "Oops.") });
  renderApp("/");
  expect(await screen.findByText("Request req-1")).toBeVisible();
  expect(screen.getByRole("list", { name: "Recently changed collections" })).toBeVisible();
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
