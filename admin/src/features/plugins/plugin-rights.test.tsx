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
  const { user } = renderApp("/plugins/p1?tab=grants");
  await user.click(await screen.findByRole("button", { name: "Grant a collection" }));
  const grants = screen.getByRole("list", { name: "Grants" });
  await user.selectOptions(within(grants).getByLabelText("Collection"), "comments");
  expect(within(grants).getByText(/It reads and writes what whoever asks could/)).toBeVisible();
  await user.selectOptions(within(grants).getByLabelText("In whose name"), "Past the rules");
  expect(within(grants).getByText(/what nobody else may/)).toBeVisible();
  await user.click(within(grants).getByRole("checkbox", { name: "Create" }));
  await user.click(within(grants).getByRole("checkbox", { name: "List" }));
  await user.click(screen.getByRole("button", { name: "Save grants" }));
  await waitFor(() => expect(screen.queryByRole("button", { name: "Save grants" })).toBeNull());
  expect(stored).toEqual([{ collection: "comments", verbs: ["view", "create"], as: "plugin" }]);
});

test("each capability has its own part, and a mistake stands at its field", async () => {
  const calls = stubServer({
    ...base,
    "GET /api/plugins": pageOf([
      aPlugin({
        capabilities: ["http-client", "mail", "realtime", "files", "clock", "log"],
        manifest: { requests: { http: { hosts: ["api.example.com"] }, clock: true } },
      }),
    ]),
    "PUT /api/plugins/p1/grants": refusal(400, "Failed to change the grants.", {
      http: { hosts: { 1: { code: "validation_invalid_value", message: "Must be a host." } } },
    }),
  });
  const { user } = renderApp("/plugins/p1?tab=grants");
  await user.click(await screen.findByRole("button", { name: "Fill in what it asks for" }));
  const hosts = screen.getByLabelText("Servers");
  expect(hosts).toHaveValue("api.example.com");
  await user.type(hosts, "\nnot a host");
  await user.click(screen.getByRole("checkbox", { name: "POST" }));
  await user.type(screen.getByLabelText("KiB per day"), "64");
  await user.selectOptions(screen.getByLabelText("It may write to"), "Some addresses");
  await user.type(screen.getByLabelText("Addresses"), "*@example.com");
  await user.type(screen.getByLabelText("Topics"), "orders/*");
  await user.click(screen.getByRole("switch", { name: "Read files" }));
  expect(screen.getByRole("switch", { name: "The time of day is the real one" })).toBeChecked();
  await user.click(screen.getByRole("button", { name: "Save grants" }));
  expect(await screen.findByText("Must be a host.")).toBeVisible();
  expect(calls.find(({ method }) => method === "PUT")?.body).toEqual({
    records: [],
    http: {
      hosts: ["api.example.com", "not", "a", "host"],
      methods: ["GET", "POST"],
      bytesPerDay: 65_536,
    },
    mail: { to: ["*@example.com"] },
    realtime: ["orders/*"],
    files: ["read"],
    clock: true,
  });
});

test("a secret is kept, bound, granted and forgotten, and never shown", async () => {
  let items: unknown[] = [];
  const calls = stubServer({
    ...base,
    "GET /api/plugins": pageOf([aPlugin({ capabilities: ["secrets"] })]),
    "GET /api/plugins/p1/secrets": () => ({ body: { items } }),
    "PUT /api/plugins/p1/secrets": ({ body }) => {
      const { name, hosts } = body as { name: string; hosts: string[] };
      items = [{ name, hosts, updated: "2026-11-22 10:00:00.000Z" }];
      return { body: items[0] };
    },
    "DELETE /api/plugins/p1/secrets/API_KEY": () => {
      items = [];
      return { status: 204 };
    },
    "PUT /api/plugins/p1/grants": ({ body }) => ({ body }),
  });
  const { user } = renderApp("/plugins/p1?tab=grants");
  await user.click(await screen.findByRole("button", { name: "Add a secret" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText("Name"), "API_KEY");
  await user.type(within(dialog).getByLabelText("Value"), "a long secret");
  await user.type(within(dialog).getByLabelText("Hosts it may go to"), "api.example.com");
  await user.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/only to api\.example\.com/)).toBeVisible();
  expect(calls.find(({ method, path }) => method === "PUT" && path.endsWith("/secrets"))?.body).toEqual({
    name: "API_KEY",
    value: "a long secret",
    hosts: ["api.example.com"],
  });
  const [placeholder] = screen.getAllByRole("checkbox", { name: "API_KEY" });
  await user.click(placeholder as HTMLElement);
  await user.click(screen.getByRole("button", { name: "Save grants" }));
  await waitFor(() =>
    expect(calls.findLast(({ method, path }) => method === "PUT" && path.endsWith("/grants"))?.body).toEqual({
      records: [],
      secrets: ["API_KEY"],
    }),
  );
  await user.click(screen.getByRole("button", { name: "Forget API_KEY" }));
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Forget" }));
  await waitFor(() => expect(screen.queryByText(/only to api/)).toBeNull());
});

test("limits, fields and configuration of an attachment are changed", async () => {
  const calls = stubServer({ ...base, "PATCH /api/plugins/p1/attachments/a1": { body: anAttachment() } });
  const { user } = renderApp("/plugins/p1?tab=runs");
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
  const { user, address } = renderApp("/plugins/p1?tab=log");
  expect(await screen.findByText("Hello.")).toBeVisible();
  await user.selectOptions(screen.getByLabelText("Level"), "warn");
  await waitFor(() => expect(screen.queryByText("Hello.")).toBeNull());
  expect(screen.getByText("It ran out of fuel.")).toBeVisible();
  expect(address()).toBe("/plugins/p1?tab=log&level=warn");
  await user.type(screen.getByLabelText("Search the log"), "nothing like it");
  expect(await screen.findByRole("heading", { name: "Nothing matches “nothing like it”" })).toBeVisible();
  await user.click(screen.getAllByRole("button", { name: "Clear search" })[1] as HTMLElement);
  expect(await screen.findByText("It ran out of fuel.")).toBeVisible();
  expect(screen.getAllByRole("link", { name: "Request req-7 in the logs" })[0]).toHaveAttribute(
    "href",
    "/_/logs?filter=req-7",
  );
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
  const { user } = renderApp("/plugins/p1?tab=versions");
  await user.click(await screen.findByRole("button", { name: "Roll back" }));
  const question = await screen.findByRole("dialog", { name: "Roll back to version 1?" });
  expect(within(question).getByText("It is the same component, byte for byte.")).toBeVisible();
  await user.click(within(question).getByRole("button", { name: "Roll back" }));
  await user.click(await screen.findByRole("button", { name: "Activate" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Activate" }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Roll back" })).toBeVisible());
  expect(calls.filter(({ method }) => method === "POST").map(({ body }) => body)).toEqual([
    { version: "1" },
    { version: "2" },
  ]);
});

test("a version that asks for more waits, and says for what", async () => {
  const newer = aPlugin({
    version: "2",
    capabilities: ["records", "kv"],
    sha256: "b".repeat(64),
    size: 95_234,
  });
  const calls = stubServer({
    ...base,
    "GET /api/plugins": pageOf([aPlugin({ version: "1", capabilities: ["records"] })]),
    "GET /api/plugins/p1/versions": {
      body: { items: [newer, aPlugin({ version: "1", capabilities: ["records"] })] },
    },
    "POST /api/plugins/p1/activate": refusal(500, "Oops."),
  });
  const { user } = renderApp("/plugins/p1");
  expect(await screen.findByText("Version 2 waits for you")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Review it" }));
  const question = await screen.findByRole("dialog", { name: "Call version 2?" });
  expect(within(question).getByText("Keep small values of its own")).toBeVisible();
  expect(within(question).getByText("4 kB larger.")).toBeVisible();
  await user.click(within(question).getByRole("button", { name: "Activate" }));
  expect(await within(question).findByText("The server failed")).toBeVisible();
  expect(calls.some(({ path }) => path === "/api/plugins/p1/activate")).toBe(true);
});

test("a log that cannot be read says so where it would be", async () => {
  stubServer({ ...base, "GET /api/plugins/p1/logs": refusal(500, "Oops.") });
  renderApp("/plugins/p1?tab=log");
  expect(await screen.findByText("Request req-1")).toBeVisible();
});
