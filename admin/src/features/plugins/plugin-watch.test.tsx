import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection, aField, anAttachment, aPlugin, someLimits } from "../../../tests/samples";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const limits = someLimits();
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([
    aCollection({ name: "posts", fields: [aField("title", "text"), aField("slug", "text")] }),
  ]),
  "GET /api/collections/posts/records": pageOf([{ id: "r1", title: "Old title", slug: "" }]),
  "GET /api/plugins": pageOf([aPlugin({ version: "2", state: "active" })]),
  "GET /api/plugins/p1/attachments": {
    body: { items: [anAttachment({ effectiveLimits: { beforeCreate: limits } })] },
  },
  "GET /api/plugins/p1/grants": { body: { records: [] } },
  "GET /api/plugins/p1/logs": { body: { items: [] } },
  "GET /api/plugins/p1/versions": {
    body: { items: [aPlugin({ version: "2" }), aPlugin({ version: "1", size: 1 })] },
  },
};
const usage = { fuel: 9_000_000, wallMs: 1.5, hostMs: 0, memoryBytes: 1_048_576, hostCalls: 0 };
const trial = { hook: "beforeCreate", version: "2", writes: [], log: [], usage, limits };

test("a hook is tried on a made-up record, and what it changed and used is shown", async () => {
  const calls = stubServer({
    ...base,
    "POST /api/plugins/p1/test": {
      body: {
        ...trial,
        result: "accepted",
        changes: { slug: "a-title" },
        writes: [{ verb: "create", collection: "audit", id: "x", fields: { by: "ada" } }],
        log: [{ time: "2026-11-22 10:00:00.000Z", level: "info", message: "Made a slug." }],
      },
    },
  });
  const { user } = renderApp("/plugins/p1?tab=test");
  const record = await screen.findByLabelText("Record");
  expect(record).toHaveValue(JSON.stringify({ title: "Example", slug: "Example" }, null, 2));
  await user.click(screen.getByRole("button", { name: "Run the hook" }));
  expect(await screen.findByText("Accepted")).toBeVisible();
  // Whether its code is in memory may be another matter now.
  const from = calls.findIndex(({ method }) => method === "POST");
  expect(calls.slice(from).filter(({ path }) => path === "/api/plugins")).toHaveLength(1);
  expect(screen.getByText("a-title")).toBeVisible();
  expect(screen.getByText("create audit x")).toBeVisible();
  expect(screen.getByText("Made a slug.")).toBeVisible();
  expect(screen.getByText("9,000,000 of 10,000,000")).toBeVisible();
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({
    hook: "beforeCreate",
    collection: "posts",
    record: { title: "Example", slug: "Example" },
  });
});

test("an update is tried on a stored record, as a guest, with an older version", async () => {
  const calls = stubServer({
    ...base,
    "POST /api/plugins/p1/test": {
      body: {
        ...trial,
        result: "refused",
        message: "Some fields are wrong.",
        errors: { title: { code: "validation_taken", message: "Choose another." } },
      },
    },
  });
  const { user, address } = renderApp("/plugins/p1?tab=test");
  await user.selectOptions(await screen.findByLabelText("Hook"), "Before update");
  await waitFor(() => expect(address()).toBe("/plugins/p1?tab=test&hook=beforeUpdate"));
  await screen.findByRole("option", { name: "Old title · r1" });
  await user.selectOptions(screen.getByLabelText("Begin with"), "Old title · r1");
  await user.selectOptions(screen.getByLabelText("In whose name"), "A guest’s");
  await user.selectOptions(screen.getByLabelText("Version"), "1");
  await user.click(screen.getByRole("button", { name: "Run the hook" }));
  expect(await screen.findByText("Refused")).toBeVisible();
  expect(screen.getByText("Choose another.")).toBeVisible();
  expect(calls.find(({ method }) => method === "POST")?.body).toMatchObject({
    hook: "beforeUpdate",
    original: "r1",
    record: { id: "r1", title: "Old title", slug: "" },
    as: "guest",
    version: "1",
  });
});

test("what ran out is said, and so is a request that the server refused", async () => {
  let broken = false;
  stubServer({
    ...base,
    "POST /api/plugins/p1/test": () =>
      broken
        ? refusal(500, "Oops.")
        : { body: { ...trial, result: "failed", axis: "fuel", message: "all fuel consumed" } },
  });
  const { user } = renderApp("/plugins/p1?tab=test");
  await user.click(await screen.findByRole("button", { name: "Run the hook" }));
  expect(await screen.findByText("It ran out of fuel")).toBeVisible();
  broken = true;
  await user.click(screen.getByRole("button", { name: "Run the hook" }));
  expect(await screen.findByText("The server failed")).toBeVisible();
  const record = screen.getByLabelText("Record");
  await user.clear(record);
  await user.type(record, "[[");
  expect(screen.getByText("This is not a JSON object.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Run the hook" })).toBeDisabled();
});

const times = { p50: 1000, p99: 9_500_000, max: 9_500_000, total: 1 };
const figures = {
  version: "2",
  hook: "beforeCreate",
  calls: 120,
  refusals: 3,
  skipped: 0,
  failures: 2,
  errors: { fuel: 2, trap: 0 },
  fuel: times,
  wallMs: { p50: 0.4, p99: 2, max: 3, total: 1 },
  queueMs: times,
  guestMs: 1,
  hostMs: 0,
  hostCalls: 240,
  memoryBytes: 2_097_152,
};
const closed = { hook: "beforeUpdate", state: "closed", calls: 4, failures: 0 };
const open = {
  hook: "beforeCreate",
  state: "open",
  calls: 10,
  failures: 6,
  probeAt: "2026-11-22 10:00:00.000Z",
  pauseMs: 4000,
};

test("figures stand against their limits, and a stopped hook is let go on", async () => {
  let state = open;
  const calls = stubServer({
    ...base,
    "GET /api/plugins/p1/metrics": {
      body: { totals: { calls: 120, refusals: 3, skipped: 0, failures: 2 }, hooks: [figures] },
    },
    "GET /api/plugins/p1/breaker": () => ({ body: { version: "2", hooks: [state, closed] } }),
    "POST /api/plugins/p1/breaker": () => {
      state = { ...closed, hook: "beforeCreate" } as typeof open;
      return { body: {} };
    },
  });
  const { user } = renderApp("/plugins/p1?tab=metrics");
  expect(await screen.findByText("Calls: 120, refusals: 3, failures: 2")).toBeVisible();
  expect(screen.getByText("It ran out of fuel: 2")).toBeVisible();
  expect(screen.getByText("9,500,000 of 10,000,000", { exact: false })).toBeVisible();
  const breakers = screen.getByRole("list", { name: "Breaker" });
  expect(within(breakers).getByText("6 of 10 calls failed in the last minute")).toBeVisible();
  await user.click(within(breakers).getByRole("button", { name: "Call it again now" }));
  await waitFor(() => expect(within(breakers).queryByText("Stopped")).toBeNull());
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ hook: "beforeCreate" });
});

test("a plugin that was not called has no figures", async () => {
  stubServer({
    ...base,
    "GET /api/plugins/p1/metrics": { body: { totals: {}, hooks: [] } },
    "GET /api/plugins/p1/breaker": refusal(500, "Oops."),
  });
  renderApp("/plugins/p1?tab=metrics");
  expect(await screen.findByRole("heading", { name: "It was not called yet" })).toBeVisible();
  expect(await screen.findByText("Request req-1")).toBeVisible();
});

test("a version gets a share of the calls, is compared, and the share is ended", async () => {
  let canary: { version: string; share: number } | null = null;
  const newer = aPlugin({ version: "3", size: 2, sha256: "c".repeat(64) });
  const calls = stubServer({
    ...base,
    "GET /api/plugins": () => pageOf([aPlugin({ version: "2", state: "active", canary })]),
    "GET /api/plugins/p1/versions": { body: { items: [newer, aPlugin({ version: "2" })] } },
    "GET /api/plugins/p1/metrics": {
      body: { totals: {}, hooks: [figures, { ...figures, version: "3", calls: 7, failures: 0 }] },
    },
    "POST /api/plugins/p1/canary": ({ body }) => {
      canary = body as typeof canary;
      return { body: {} };
    },
    "DELETE /api/plugins/p1/canary": () => {
      canary = null;
      return { body: {} };
    },
  });
  const { user } = renderApp("/plugins/p1?tab=versions");
  await user.click(await screen.findByRole("button", { name: "Give a share" }));
  const dialog = await screen.findByRole("dialog");
  await user.clear(within(dialog).getByLabelText("Share in percent"));
  await user.type(within(dialog).getByLabelText("Share in percent"), "25");
  await user.click(within(dialog).getByRole("button", { name: "Begin" }));
  expect(await screen.findByText("Version 3 gets 25 % of the calls")).toBeVisible();
  expect(await screen.findByRole("cell", { name: "120" })).toBeVisible();
  expect(screen.getByRole("cell", { name: "7" })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "End it" }));
  await waitFor(() => expect(screen.queryByText(/25 %/)).toBeNull());
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({ version: "3", share: 25 });
});

test("a schema makes a form of the configuration", async () => {
  const config = {
    type: "object",
    properties: {
      field: { type: "string", title: "Field", default: "title" },
      max: { type: "integer" },
      strict: { type: "boolean" },
    },
  };
  const calls = stubServer({
    ...base,
    "GET /api/plugins": pageOf([aPlugin({ version: "2", manifest: { config } })]),
    "PATCH /api/plugins/p1/attachments/a1": refusal(400, "Failed.", {
      config: { code: "validation_invalid_value", message: "/max is above 9." },
    }),
  });
  const { user } = renderApp("/plugins/p1?tab=runs");
  await user.click(await screen.findByRole("button", { name: "Settings on posts" }));
  const sheet = await screen.findByRole("dialog");
  expect(within(sheet).getByLabelText("Memory")).toHaveAttribute("placeholder", "16");
  await user.type(within(sheet).getByLabelText("Field"), "slug");
  await user.type(within(sheet).getByLabelText("max"), "12");
  await user.click(within(sheet).getByRole("switch", { name: "strict" }));
  await user.click(within(sheet).getByRole("button", { name: "Save" }));
  expect(await within(sheet).findByText("/max is above 9.")).toBeVisible();
  expect(calls.find(({ method }) => method === "PATCH")?.body).toMatchObject({
    config: { field: "slug", max: 12, strict: true },
  });
  await user.click(within(sheet).getByRole("button", { name: "As JSON" }));
  expect(within(sheet).getByLabelText("Configuration")).toHaveValue(
    JSON.stringify({ field: "slug", max: 12, strict: true }, null, 2),
  );
});
