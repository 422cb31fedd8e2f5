import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

const entry = {
  id: "k1",
  name: "export",
  scopes: ["posts:list"],
  readOnly: true,
  ips: ["10.0.0.0/8"],
  expires: "2030-01-31 12:00:00.000Z",
  lastUsed: "",
  oldKeyUntil: "",
  createdBy: "u1",
  created: "2026-11-28 10:00:00.000Z",
  updated: "2026-11-28 10:00:00.000Z",
};
const limits = {
  enabled: true,
  rules: [
    { label: "*:auth", audience: "", duration: 3, maxRequests: 2 },
    { label: "/api/", audience: "@guest", duration: 10, maxRequests: 300 },
  ],
  excludedIPs: [],
};
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/settings": { body: { rateLimits: limits } },
  "GET /api/collections": pageOf([aCollection({ name: "posts" })]),
  "GET /api/keys": { body: { items: [entry] } },
};
const sent = (calls: Call[], method: string) => calls.findLast((call) => call.method === method);

test("a key is made with scopes put together, and told once", async () => {
  const calls = stubServer({ ...base, "POST /api/keys": { body: { ...entry, key: "tb_secret" } } });
  const { user } = renderApp("/settings?tab=keys");
  await user.click(await screen.findByRole("button", { name: "New API key" }));
  const sheet = await screen.findByRole("dialog");
  await user.type(within(sheet).getByLabelText("Name"), "export");
  await user.selectOptions(within(sheet).getByLabelText("Collection"), "posts");
  await user.click(within(sheet).getByRole("checkbox", { name: "view" }));
  await user.click(within(sheet).getByRole("button", { name: "Add" }));
  await user.click(within(sheet).getByRole("checkbox", { name: "Logs and activity" }));
  await user.type(within(sheet).getByLabelText("Only from"), "10.0.0.1");
  await user.click(within(sheet).getByRole("button", { name: "Make the key" }));
  const told = await screen.findByRole("dialog", { name: "The key “export”" });
  expect(within(told).getByText("tb_secret")).toBeVisible();
  expect(sent(calls, "POST")?.body).toEqual({
    name: "export",
    scopes: ["posts:list", "logs"],
    readOnly: false,
    expires: "",
    ips: ["10.0.0.1"],
  });
  await user.click(within(told).getByRole("button", { name: "I have kept it" }));
  expect(screen.queryByText("tb_secret")).toBeNull();
});

test("what the server says of a key stands at its field", async () => {
  const data = { scopes: { code: "validation_unknown_scope", message: "There is no such scope." } };
  const calls = stubServer({ ...base, "PATCH /api/keys/k1": refusal(400, "Failed.", data) });
  const { user } = renderApp("/settings?tab=keys");
  await user.click(await screen.findByRole("button", { name: "Change export" }));
  const sheet = await screen.findByRole("dialog");
  await user.click(within(sheet).getByRole("button", { name: "Save" }));
  expect(await within(sheet).findByText("There is no such scope.")).toBeVisible();
  expect(sent(calls, "PATCH")?.body).toMatchObject({ expires: entry.expires, readOnly: true });
});

test("a key is exchanged with an overlap, and revoked after a question", async () => {
  const calls = stubServer({
    ...base,
    "POST /api/keys/k1/rotate": { body: { ...entry, key: "tb_other" } },
    "DELETE /api/keys/k1": { status: 204 },
  });
  const { user } = renderApp("/settings?tab=keys");
  await user.click(await screen.findByRole("button", { name: "Exchange export" }));
  const dialog = await screen.findByRole("dialog");
  await user.selectOptions(within(dialog).getByRole("combobox"), "one more day");
  await user.click(within(dialog).getByRole("button", { name: "Exchange" }));
  expect(await screen.findByText("tb_other")).toBeVisible();
  expect(sent(calls, "POST")?.body).toEqual({ overlap: 86_400 });
  await user.click(screen.getByRole("button", { name: "I have kept it" }));
  await user.click(screen.getByRole("button", { name: "Revoke export" }));
  await user.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(sent(calls, "DELETE")?.path).toBe("/api/keys/k1"));
});

test("limits are put in order, and what is wrong with one stands at it", async () => {
  const data = {
    rateLimits: { rules: { "0": { label: { code: "validation_invalid", message: "No such label." } } } },
  };
  let refused = true;
  const calls = stubServer({
    ...base,
    "PATCH /api/settings": ({ body }) =>
      refused
        ? refusal(400, "Failed.", data)
        : { body: { rateLimits: { ...limits, ...(body as { rateLimits: object }).rateLimits } } },
  });
  const { user } = renderApp("/settings?tab=limits");
  const rules = await screen.findByRole("list", { name: "Rules" });
  await user.click(within(rules).getByRole("button", { name: "Move rule 2 up" }));
  await user.click(screen.getByRole("button", { name: "Add a rule" }));
  await user.type(within(rules).getAllByLabelText("For")[2] as HTMLElement, "posts:create");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await within(rules).findByText("No such label.")).toBeVisible();
  refused = false;
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("The limits are in force")).toBeVisible();
  expect(sent(calls, "PATCH")?.body).toEqual({
    rateLimits: {
      rules: [
        limits.rules[1],
        limits.rules[0],
        { label: "posts:create", audience: "", duration: 60, maxRequests: 100 },
      ],
    },
  });
});

test("topics have rules, an expression begins as a safe one, and what is wrong stands at its pattern", async () => {
  const data = {
    realtime: { topics: { "1": { publishRule: { code: "validation_invalid", message: "No such field." } } } },
  };
  const open = { pattern: "news", subscribeRule: "", publishRule: null, presenceRule: null };
  let refused = true;
  const calls = stubServer({
    ...base,
    "GET /api/settings": { body: { realtime: { topics: [open] } } },
    "PATCH /api/settings": ({ body }) =>
      refused ? refusal(400, "Failed.", data) : { body: body as Record<string, unknown> },
  });
  const { user } = renderApp("/settings?tab=topics");
  const patterns = await screen.findByRole("list", { name: "Patterns" });
  expect(within(patterns).getByLabelText("Who listens")).toHaveValue("public");
  expect(within(patterns).getByLabelText("Who speaks")).toHaveValue("locked");
  await user.click(screen.getByRole("button", { name: "Add a pattern" }));
  const added = within(within(patterns).getByRole("group", { name: "Pattern 2" }));
  await user.type(added.getByLabelText("Topic"), " rooms/{{room}");
  await user.selectOptions(added.getByLabelText("Who speaks"), "expression");
  expect(added.getByLabelText("Rule: Who speaks")).toHaveValue('@request.auth.id != ""');
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await added.findByText("No such field.")).toBeVisible();
  await user.clear(added.getByLabelText("Rule: Who speaks"));
  expect(added.getByText("An empty rule is everyone.")).toBeVisible();
  await user.type(added.getByLabelText("Rule: Who speaks"), "topic != 'x'");
  refused = false;
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("The topics are in force")).toBeVisible();
  expect(sent(calls, "PATCH")?.body).toEqual({
    realtime: {
      topics: [
        open,
        { pattern: "rooms/{room}", subscribeRule: null, publishRule: "topic != 'x'", presenceRule: null },
      ],
    },
  });
});

test("a job is run by hand, and its history is told", async () => {
  const run = {
    id: "x",
    job: "nightly",
    cause: "request",
    outcome: "failed",
    detail: "No room left.",
    started: "2026-11-28 10:00:00.000Z",
    durationMs: 12,
  };
  const job = { id: "nightly", expression: "@daily", next: run.started, running: false, last: run };
  const calls = stubServer({
    ...base,
    "GET /api/crons": { body: [job] },
    "GET /api/crons/nightly/runs": pageOf([run]),
    "POST /api/crons/nightly": { status: 204 },
  });
  const { user } = renderApp("/settings?tab=jobs");
  await user.click(await screen.findByRole("button", { name: "Run now: nightly" }));
  expect(await screen.findByText("nightly started")).toBeVisible();
  expect(sent(calls, "POST")?.path).toBe("/api/crons/nightly");
  await user.click(screen.getByRole("button", { name: "History of nightly" }));
  expect(await within(await screen.findByRole("dialog")).findByText("No room left.")).toBeVisible();
});
