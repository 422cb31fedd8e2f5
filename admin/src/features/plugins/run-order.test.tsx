import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, anAttachment, aPlugin } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([aCollection({ name: "posts" }), aCollection({ name: "comments" })]),
  "GET /api/plugins": pageOf([aPlugin({ state: "active" }), aPlugin({ id: "p2", name: "audit-trail" })]),
  "GET /api/plugins/p1/attachments": { body: { items: [anAttachment({ order: 10 })] } },
  "GET /api/plugins/p2/attachments": {
    body: { items: [anAttachment({ id: "a2", order: 20, hooks: ["beforeCreate", "afterUpdate"] })] },
  },
};

const names = (list: HTMLElement) =>
  within(list)
    .getAllByRole("link")
    .map((link) => link.textContent);

test("a plugin is moved past another, and the path of a write follows", async () => {
  let order = 20;
  const calls = stubServer({
    ...base,
    "GET /api/plugins/p2/attachments": () => ({
      body: { items: [anAttachment({ id: "a2", order, hooks: ["beforeCreate", "afterUpdate"] })] },
    }),
    "PATCH /api/plugins/p2/attachments/a2": ({ body }) => {
      order = (body as { order: number }).order;
      return { body: {} };
    },
  });
  const { user } = renderApp("/plugins?tab=order");
  const list = await screen.findByRole("list", { name: "Plugins in their order" });
  expect(names(list)).toEqual(["slugify", "audit-trail"]);
  const path = screen.getByRole("list", { name: "A write to posts" });
  expect(names(path)).toEqual(["slugify", "audit-trail"]);

  await user.click(within(list).getByRole("button", { name: "Move audit-trail up" }));
  await waitFor(() => expect(names(list)).toEqual(["audit-trail", "slugify"]));
  expect(calls.filter(({ method }) => method === "PATCH").map(({ body }) => body)).toEqual([{ order: 0 }]);
  expect(names(path)).toEqual(["audit-trail", "slugify"]);

  await user.click(screen.getByRole("button", { name: "Update" }));
  expect(names(screen.getByRole("list", { name: "A write to posts" }))).toEqual(["audit-trail"]);
});

test("an order that was refused is put back", async () => {
  stubServer({ ...base, "PATCH /api/plugins/p1/attachments/a1": refusal(500, "Oops.") });
  const { user } = renderApp("/plugins?tab=order");
  const list = await screen.findByRole("list", { name: "Plugins in their order" });
  await user.click(within(list).getByRole("button", { name: "Move slugify down" }));
  // It fades in.
  await waitFor(() => expect(screen.getByText("The server failed")).toBeVisible());
  await waitFor(() => expect(names(list)).toEqual(["slugify", "audit-trail"]));
});

test("a collection where nothing runs can be looked at", async () => {
  stubServer(base);
  const { user } = renderApp("/plugins?tab=order&collection=comments");
  expect(await screen.findByRole("heading", { name: "No plugin runs on comments" })).toBeVisible();
  await user.selectOptions(screen.getByLabelText("Collection"), "posts");
  expect(await screen.findByRole("list", { name: "Plugins in their order" })).toBeVisible();
});

test("without any place there is an explanation", async () => {
  stubServer({ ...base, "GET /api/plugins": pageOf([]) });
  renderApp("/plugins?tab=order");
  expect(await screen.findByRole("heading", { name: "Nothing runs yet" })).toBeVisible();
});
