import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, anAttachment, aPlugin } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([aCollection({ name: "posts", fields: [] })]),
  "GET /api/plugins": pageOf([aPlugin({ version: "2", state: "active" })]),
  "GET /api/plugins/p1/attachments": { body: { items: [anAttachment({})] } },
  "GET /api/plugins/p1/grants": { body: { records: [] } },
  "GET /api/plugins/p1/logs": { body: { items: [] } },
  "GET /api/plugins/p1/versions": { body: { items: [aPlugin({ version: "2" })] } },
};

const row = {
  id: "e1",
  state: "dead",
  plugin: "p1",
  pluginName: "slugify",
  gone: false,
  collection: "posts",
  record: "r1",
  action: "create",
  attempts: 10,
  due: null,
  error: "It ran out of time.",
  created: "2026-11-22 10:00:00.000Z",
};

test("dead events are looked at, sent again and given up", async () => {
  let items = [row, { ...row, id: "e2", record: "r2", state: "pending", attempts: 0, error: "" }];
  const calls = stubServer({
    ...base,
    "GET /api/outbox": ({ query }) =>
      pageOf(
        items.filter(({ state }) => !query.get("filter") || query.get("filter") === `state = '${state}'`),
      ),
    "GET /api/outbox/e1": { body: { ...row, event: { before: null, after: { title: "Hello" } } } },
    "POST /api/outbox/e1/replay": refusal(500, "Oops."),
    "POST /api/outbox/replay": { body: { replayed: 1, gone: 0 } },
    "DELETE /api/outbox/e1": () => {
      items = items.slice(1);
      return { status: 204 };
    },
  });
  const { user, address } = renderApp("/plugins?tab=outbox");
  await user.click(await screen.findByRole("button", { name: "Send the event of r1 again" }));
  expect(await screen.findByText("The server failed")).toBeVisible();
  await user.selectOptions(screen.getByLabelText("State"), "Dead");
  await waitFor(() => expect(screen.queryByText("r2")).toBeNull());
  expect(address()).toBe("/plugins?tab=outbox&state=dead");
  await user.click(screen.getByRole("link", { name: "Created · posts" }));
  const sheet = await screen.findByRole("dialog");
  expect(await within(sheet).findByText("Hello")).toBeVisible();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "Send the dead again" }));
  expect(await screen.findByText("1 event is sent again")).toBeVisible();
  expect(calls.find(({ path }) => path === "/api/outbox/replay")?.query.get("filter")).toBe("state = 'dead'");
  await user.click(screen.getByRole("button", { name: "Give up the event of r1" }));
  await user.click(
    within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Give it up" }),
  );
  expect(await screen.findByRole("heading", { name: "Nothing matches these filters" })).toBeVisible();
});

test("an event whose plugin is gone says so, leads nowhere, and can only be given up", async () => {
  const gone = { ...row, id: "e3", record: "r3", plugin: "", pluginName: "", gone: true };
  stubServer({
    ...base,
    "GET /api/outbox": pageOf([gone, row]),
    "GET /api/outbox/e3": { body: { ...gone, event: { before: null, after: { title: "Hello" } } } },
    "POST /api/outbox/replay": { body: { replayed: 1, gone: 2 } },
  });
  const { user } = renderApp("/plugins?tab=outbox");
  const line = await screen.findByRole("row", { name: /r3/ });
  expect(within(line).getByText("Deleted or detached")).toBeVisible();
  expect(within(line).getAllByRole("link")).toHaveLength(1);
  expect(screen.queryByRole("button", { name: "Send the event of r3 again" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Send the dead again" }));
  expect(
    await screen.findByText("2 events were left as they are: their plugins were deleted or detached"),
  ).toBeVisible();
  await user.click(within(line).getByRole("link"));
  const sheet = await screen.findByRole("dialog");
  expect(await within(sheet).findByText("Deleted or detached")).toBeVisible();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "Give up the event of r3" }));
  expect(await screen.findByText(/nobody can hear of it any more/)).toBeVisible();
});

test("an outbox without events says that all is well", async () => {
  stubServer({ ...base, "GET /api/outbox": pageOf([]) });
  renderApp("/plugins?tab=outbox");
  expect(await screen.findByRole("heading", { name: "Everything is delivered" })).toBeVisible();
});
