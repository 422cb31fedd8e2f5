import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const stored = {
  meta: { appName: "Acme", appURL: "http://localhost:8090" },
  batch: { enabled: false, maxRequests: 50, timeout: 3, maxBodySize: 0 },
  logs: { maxDays: 5, minLevel: 0, logIP: true, logAuthId: false },
};
const base = { "GET /api/admin/session": { body: session }, "GET /api/settings": { body: stored } };

test("only the sections of this server are shown, and only what changed is sent", async () => {
  const calls = stubServer({
    ...base,
    "PATCH /api/settings": { body: { ...stored, batch: { ...stored.batch, enabled: true } } },
  });
  const { user } = renderApp("/settings");
  await screen.findByRole("heading", { name: "Batch requests" });
  expect(screen.queryByRole("heading", { name: "File storage" })).toBeNull();
  await user.click(screen.getByRole("switch", { name: "Enabled" }));
  await user.selectOptions(screen.getByLabelText("From level"), "Warning");
  expect(screen.getByText("2 changes")).toBeVisible();
  await user.selectOptions(screen.getByLabelText("From level"), "Info");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByText("1 change")).toBeNull());
  expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({ batch: { enabled: true } });
});

test("what the server says of a setting stands at it, and what was typed survives another tab", async () => {
  const data = { meta: { appURL: { code: "validation_is_url", message: "Must be a valid URL." } } };
  stubServer({
    ...base,
    "PATCH /api/settings": refusal(400, "No.", data),
    "GET /api/collections/_superusers/records": pageOf([{ id: "u1", email: "ada@example.com", created: "" }]),
  });
  const { user } = renderApp("/settings");
  const address = await screen.findByLabelText("Address");
  await user.clear(address);
  await user.type(address, "nonsense");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Must be a valid URL.")).toBeVisible();
  await user.click(screen.getByRole("tab", { name: "Superusers" }));
  await screen.findByText("ada@example.com", { selector: "a" });
  await user.click(screen.getByRole("tab", { name: "General" }));
  expect(screen.getByLabelText("Address")).toHaveValue("nonsense");
});

const later = {
  ...stored,
  batch: { ...stored.batch, maxRequests: 7 },
  logs: { ...stored.logs, maxDays: 30 },
};

/** A server whose settings somebody else has just changed: a save of what was there before is refused. */
function changedMeanwhile() {
  let now: typeof stored = later;
  return stubServer({
    "GET /api/admin/session": { body: session },
    "GET /api/settings": { body: stored, headers: { ETag: '"1"' } },
    "PATCH /api/settings": ({ body, headers }) => {
      if (headers.get("If-Match") !== '"2"')
        return {
          status: 412,
          headers: { ETag: '"2"' },
          body: { status: 412, message: "Late.", data: {}, settings: now },
        };
      const changes = body as Partial<typeof stored>;
      now = { ...now, batch: { ...now.batch, ...changes.batch }, meta: { ...now.meta, ...changes.meta } };
      return { body: now, headers: { ETag: '"3"' } };
    },
  });
}

const sent = (calls: ReturnType<typeof stubServer>) =>
  calls
    .filter(({ method }) => method === "PATCH")
    .map(({ body, headers }) => [body, headers.get("If-Match")]);

test("what others have saved meanwhile stays, and nothing is asked where it is something else", async () => {
  const calls = changedMeanwhile();
  const { user } = renderApp("/settings");
  const name = await screen.findByLabelText("Name");
  await user.clear(name);
  await user.type(name, "Ours");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByText("1 change")).toBeNull());
  const body = { meta: { appName: "Ours" } };
  expect(sent(calls)).toEqual([
    [body, '"1"'],
    [body, '"2"'],
  ]);
  expect(screen.getByLabelText("Most requests in one")).toHaveValue(7);
  expect(screen.queryByRole("dialog")).toBeNull();
});

test("who changes what others have changed meanwhile is asked whose is to stay", async () => {
  const calls = changedMeanwhile();
  const { user } = renderApp("/settings");
  const most = await screen.findByLabelText("Most requests in one");
  await user.clear(most);
  await user.type(most, "9");
  await user.click(screen.getByRole("switch", { name: "Enabled" }));
  await user.click(screen.getByRole("button", { name: "Save" }));
  const dialog = await screen.findByRole("dialog", { name: "The settings were changed meanwhile" });
  expect(
    within(dialog).getByText("Also changed by others, and kept as it is: Request log: Days to keep"),
  ).toBeVisible();
  const question = within(dialog).getByRole("group", { name: "Batch requests: Most requests in one" });
  await user.click(within(dialog).getByRole("button", { name: "Keep editing" }));
  expect(most).toHaveValue(9);
  expect(question).not.toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await user.click(await screen.findByRole("radio", { name: /Theirs/ }));
  await user.click(screen.getByRole("button", { name: "Save this" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(sent(calls).at(-1)).toEqual([{ batch: { enabled: true } }, '"2"']);
  expect(screen.getByLabelText("Most requests in one")).toHaveValue(7);
  expect(screen.queryByRole("button", { name: "Save" })).toBeNull();
});

test("superusers are added and deleted", async () => {
  let items = [{ id: "u1", email: "ada@example.com", created: "2026-11-20 10:00:00.000Z" }];
  const calls = stubServer({
    ...base,
    "GET /api/collections/_superusers/records": () => pageOf(items),
    "POST /api/collections/_superusers/records": ({ body }) => {
      items = [...items, { id: "u2", created: "", ...(body as { email: string }) }];
      return { body: items[1] };
    },
    "DELETE /api/collections/_superusers/records/u2": () => {
      items = items.slice(0, 1);
      return { status: 204 };
    },
  });
  const { user } = renderApp("/settings?tab=superusers");
  expect(await screen.findByText("you")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Add a superuser" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText("E-mail"), "grace@example.com");
  await user.type(within(dialog).getByLabelText("Password"), "a long password");
  await user.click(within(dialog).getByRole("button", { name: "Add a superuser" }));
  await user.click(await screen.findByRole("button", { name: "Delete grace@example.com" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "Delete" }));
  await waitFor(() => expect(screen.queryByText("grace@example.com")).toBeNull());
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({
    email: "grace@example.com",
    password: "a long password",
    passwordConfirm: "a long password",
  });
});

test("sessions are listed, and every other one can be ended", async () => {
  const entry = {
    created: "2026-11-20 10:00:00.000Z",
    expires: "2026-12-20 10:00:00.000Z",
    userAgent: "Browser",
  };
  let items = [
    { id: "s1", ip: "10.0.0.1", current: true, ...entry },
    { id: "s2", ip: "10.0.0.2", current: false, ...entry },
  ];
  stubServer({
    ...base,
    "GET /api/admin/sessions": () => ({ body: { items } }),
    "DELETE /api/admin/sessions/s2": () => {
      items = items.slice(0, 1);
      return { status: 204 };
    },
  });
  const { user } = renderApp("/settings?tab=sessions");
  expect(await screen.findByText("this one")).toBeVisible();
  expect(screen.queryByRole("button", { name: "End the session from 10.0.0.1" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "End the session from 10.0.0.2" }));
  await waitFor(() => expect(screen.queryByText("10.0.0.2")).toBeNull());
});

test("lists are edited line by line, and a line that is wrong is told at its field", async () => {
  const calls = stubServer({
    ...base,
    "GET /api/settings": {
      body: { ...stored, superuserIPs: [], trustedProxy: { headers: [], proxies: [], useLeftmostIP: false } },
    },
    "PATCH /api/settings": refusal(400, "No.", {
      superuserIPs: { 1: { code: "validation_invalid_ip", message: "Must be an address." } },
    }),
  });
  const { user } = renderApp("/settings");
  await user.type(await screen.findByLabelText("Addresses and networks"), "10.0.0.0/8{Enter}nowhere");
  await user.type(screen.getByLabelText("Headers that tell the address"), "X-Forwarded-For");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Must be an address.")).toBeVisible();
  expect(calls.find(({ method }) => method === "PATCH")?.body).toEqual({
    superuserIPs: ["10.0.0.0/8", "nowhere"],
    trustedProxy: { headers: ["X-Forwarded-For"] },
  });
  await user.click(screen.getByRole("button", { name: "Discard" }));
  expect(screen.getByLabelText("Addresses and networks")).toHaveValue("");
});

test("what the operator has fixed is shown with where, and cannot be changed", async () => {
  const sources = {
    "meta.appName": { origin: "variable", name: "TINYBASE_META_APP_NAME" },
    "batch.enabled": { origin: "file", name: "tinybase.toml" },
  };
  const calls = stubServer({ ...base, "GET /api/settings": { body: { ...stored, sources } } });
  renderApp("/settings");
  expect(await screen.findByLabelText("Name")).toBeDisabled();
  expect(screen.getByText("TINYBASE_META_APP_NAME")).toBeVisible();
  expect(screen.getByRole("switch", { name: "Enabled" })).toBeDisabled();
  expect(screen.getByLabelText("Address")).toBeEnabled();
  expect(calls.find(({ path }) => path === "/api/settings")?.query.get("sources")).toBe("1");
});

test("only a secret that there is can be kept, also one that was just saved", async () => {
  const smtp = { enabled: true, host: "mail.example.com" };
  stubServer({
    ...base,
    "GET /api/settings": { body: { ...stored, smtp, secrets: ["backups.s3.secret"] } },
    "PATCH /api/settings": ({ query }) => ({
      body: { ...stored, smtp, secrets: query.get("sources") === "1" ? ["smtp.password"] : [] },
    }),
  });
  const { user } = renderApp("/settings");
  const password = await screen.findByLabelText("Password");
  expect(password).not.toHaveAttribute("placeholder");
  await user.type(password, "hush");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByLabelText("Password")).toHaveValue(""));
  expect(screen.getByLabelText("Password")).toHaveAttribute("placeholder", "Leave empty to keep it");
});
