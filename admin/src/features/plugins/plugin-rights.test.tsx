import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Grant } from "@/api/types";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField, anAttachment, aPlugin } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([
    aCollection({ name: "posts", fields: [aField("title", "text"), aField("body", "editor")] }),
    aCollection({ name: "comments" }),
  ]),
  "GET /api/plugins": pageOf([aPlugin({ capabilities: ["records"], state: "active" })]),
  "GET /api/plugins/p1/attachments": { body: { items: [anAttachment()] } },
  "GET /api/plugins/p1/grants": { body: { records: [] } },
  "GET /api/plugins/p1/logs": { body: { items: [] } },
  "GET /api/plugins/p1/versions": { body: { items: [aPlugin()] } },
};

test("a collection is granted verb by verb", async () => {
  let stored: Grant[] = [];
  stubServer({
    ...base,
    "PUT /api/plugins/p1/grants": ({ body }) => {
      stored = (body as { records: Grant[] }).records;
      return { body };
    },
  });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Grant a collection" }));
  const grants = screen.getByRole("list", { name: "Grants" });
  await user.selectOptions(within(grants).getByLabelText("Collection"), "comments");
  await user.selectOptions(within(grants).getByLabelText("In whose name"), "Past the rules");
  await user.click(within(grants).getByRole("checkbox", { name: "Create" }));
  await user.click(within(grants).getByRole("checkbox", { name: "List" }));
  await user.click(screen.getByRole("button", { name: "Save grants" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Save grants" })).toBeNull());
  expect(stored).toEqual([{ collection: "comments", verbs: ["view", "create"], as: "plugin" }]);
});

test("limits, fields and configuration of an attachment are changed", async () => {
  const calls = stubServer({ ...base, "PATCH /api/plugins/p1/attachments/a1": { body: anAttachment() } });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Settings on posts" }));
  const sheet = await screen.findByRole("dialog");
  await user.click(within(sheet).getByRole("switch", { name: "Enabled" }));
  await user.type(within(sheet).getByLabelText("Time"), "20");
  await user.click(within(sheet).getAllByRole("checkbox", { name: "All fields" })[1] as HTMLElement);
  await user.click(within(sheet).getByRole("checkbox", { name: "title" }));
  const config = within(sheet).getByLabelText("Configuration");
  await user.clear(config);
  await user.type(config, "[[1]");
  expect(within(sheet).getByText("This is not a JSON object.")).toBeVisible();
  await user.clear(config);
  await user.type(config, '{{"separator": "-"}');
  await user.click(within(sheet).getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({
    order: 0,
    enabled: false,
    onFailure: "closed",
    limits: { wallMs: 20 },
    fields: { write: ["title"] },
    config: { separator: "-" },
  });
});

test("the log is shown by level", async () => {
  const line = { time: "2026-11-22 10:00:00.000Z", hook: "beforeCreate", requestId: "req-7" };
  stubServer({
    ...base,
    "GET /api/plugins/p1/logs": {
      body: {
        items: [
          { ...line, level: "error", message: "It ran out of fuel." },
          { ...line, level: "info", message: "Hello." },
        ],
      },
    },
  });
  const { user } = renderApp("/plugins/p1");
  expect(await screen.findByText("Hello.")).toBeVisible();
  await user.selectOptions(screen.getByLabelText("Level"), "warn");
  expect(screen.queryByText("Hello.")).toBeNull();
  expect(screen.getByText("It ran out of fuel.")).toBeVisible();
});

test("a plugin is switched off, and deleted by its name", async () => {
  let state: "active" | "disabled" = "active";
  const calls = stubServer({
    ...base,
    "GET /api/plugins": () => pageOf([aPlugin({ state })]),
    "PATCH /api/plugins/p1": () => {
      state = "disabled";
      return { body: aPlugin({ state }) };
    },
    "DELETE /api/plugins/p1": { status: 204 },
  });
  const { user, address } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Disable" }));
  expect(await screen.findByRole("button", { name: "Enable" })).toBeVisible();
  expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({ enabled: false });
  await user.click(screen.getByRole("button", { name: "Delete plugin" }));
  const question = await screen.findByRole("alertdialog");
  await user.type(within(question).getByLabelText("Type slugify to confirm"), "slugify");
  await user.click(within(question).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(address()).toBe("/plugins"));
});

test("an older version is rolled back to", async () => {
  let version = "2";
  const calls = stubServer({
    ...base,
    "GET /api/plugins": () => pageOf([aPlugin({ version })]),
    "GET /api/plugins/p1/versions": {
      body: { items: [aPlugin({ version: "2" }), aPlugin({ version: "1" })] },
    },
    "POST /api/plugins/p1/activate": ({ body }) => {
      version = (body as { version: string }).version;
      return { body: aPlugin({ version }) };
    },
  });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Roll back" }));
  await user.click(await screen.findByRole("button", { name: "Activate" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Roll back" })).toBeVisible());
  expect(calls.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
    { version: "1" },
    { version: "2" },
  ]);
});

test("a log that cannot be read says so where it would be", async () => {
  stubServer({ ...base, "GET /api/plugins/p1/logs": refusal(500, "Oops.") });
  renderApp("/plugins/p1");
  expect(await screen.findByText("Request req-1")).toBeVisible();
});
