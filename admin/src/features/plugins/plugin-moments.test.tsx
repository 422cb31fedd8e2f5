import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aPlugin, someLimits } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";
import { exchangeAsCurl } from "./exchange-curl";
import { placeOf } from "./route-try";

const exports = ["tinybase:plugin/scheduled@0.1.0", "wasi:http/incoming-handler@0.2.3"];
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/collections": pageOf([]),
  "GET /api/plugins": pageOf([aPlugin({ name: "moments", exports, state: "active" })]),
  "GET /api/plugins/p1/attachments": { body: { items: [] } },
  "GET /api/plugins/p1/grants": { body: {} },
  "GET /api/plugins/p1/versions": { body: { items: [aPlugin()] } },
  "GET /api/plugins/p1/schedules": { body: { items: [] } },
  "GET /api/plugins/p1/route": refusal(404, "Not found."),
  "GET /api/crons": { body: [] },
};
const schedule = {
  id: "s1",
  plugin: "p1",
  name: "nightly",
  expression: "0 3 * * *",
  enabled: true,
  config: { n: 7 },
  limits: {},
  effectiveLimits: { scheduled: someLimits({ wallMs: 60_000, memoryMb: 64, hostCalls: 10_000 }) },
  cron: "moments:nightly",
  created: "2026-11-22 10:00:00.000Z",
};
const last = {
  id: "r1",
  job: schedule.cron,
  cause: "request",
  outcome: "failed",
  detail: "nothing works today",
  started: "2026-11-22 10:00:00.000Z",
  durationMs: 12,
};
const job = {
  id: schedule.cron,
  expression: schedule.expression,
  next: "2099-01-01 03:00:00.000Z",
  running: false,
};
const sent = (calls: Call[], method: string) => calls.filter((call) => call.method === method);

test("a plugin of the clock and of requests says what is left to do, and has no part for collections", async () => {
  stubServer(base);
  const { user, address } = renderApp("/plugins/p1");
  expect(await screen.findByRole("link", { name: "Give it its route" })).toBeVisible();
  expect(screen.queryByRole("tab", { name: /Runs on/ })).toBeNull();
  expect(screen.queryByRole("tab", { name: "Test" })).toBeNull();
  await user.click(screen.getByRole("link", { name: "Say when it runs" }));
  expect(await screen.findByRole("heading", { name: "Not scheduled" })).toBeVisible();
  expect(address()).toBe("/plugins/p1?tab=schedules");
});

test("a schedule is made, with the times that are meant shown and what is wrong at its place", async () => {
  let taken = true;
  let items: unknown[] = [];
  const calls = stubServer({
    ...base,
    "GET /api/plugins/p1/schedules": () => ({ body: { items } }),
    "POST /api/plugins/p1/schedules": () => {
      if (taken)
        return refusal(400, "No.", { name: { code: "validation_not_unique", message: "Is taken." } });
      items = [schedule];
      return { body: schedule };
    },
  });
  const { user } = renderApp("/plugins/p1?tab=schedules");
  await user.click(await screen.findByRole("button", { name: "New schedule" }));
  const sheet = await screen.findByRole("dialog");
  await user.type(within(sheet).getByLabelText("When"), "0 3 * *");
  expect(within(sheet).getByText(/Not yet an expression/)).toBeVisible();
  await user.click(within(sheet).getByRole("button", { name: "Every night" }));
  const times = within(sheet).getByRole("list", { name: "The next times, in your time zone" });
  expect(within(times).getAllByRole("listitem")).toHaveLength(3);
  await user.type(within(sheet).getByLabelText("Name"), "nightly");
  await user.type(within(sheet).getByLabelText("Time"), "500");
  await user.click(within(sheet).getByRole("button", { name: "Save" }));
  expect(await within(sheet).findByText("Is taken.")).toBeVisible();
  taken = false;
  await user.click(within(sheet).getByRole("button", { name: "Save" }));
  expect(await screen.findByText("nightly is scheduled")).toBeVisible();
  expect(sent(calls, "POST").at(-1)?.body).toEqual({
    name: "nightly",
    expression: "0 3 * * *",
    enabled: true,
    config: {},
    limits: { wallMs: 500 },
  });
});

test("a schedule is run by hand, switched off, looked back on, changed and deleted", async () => {
  let items = [schedule];
  const calls = stubServer({
    ...base,
    "GET /api/plugins/p1/schedules": () => ({ body: { items } }),
    "GET /api/crons": () => ({ body: items.some(({ enabled }) => enabled) ? [{ ...job, last }] : [] }),
    "GET /api/crons/moments%3Anightly/runs": pageOf([last]),
    "POST /api/crons/moments%3Anightly": { status: 204 },
    "PATCH /api/plugins/p1/schedules/s1": ({ body }) => {
      items = [{ ...schedule, ...(body as object) }];
      return { body: items[0] };
    },
    "DELETE /api/plugins/p1/schedules/s1": () => {
      items = [];
      return { status: 204 };
    },
  });
  const { user } = renderApp("/plugins/p1?tab=schedules");
  const run = await screen.findByRole("button", { name: "Run now: nightly" });
  await waitFor(() => expect(run).toBeEnabled());
  await user.click(run);
  expect(await screen.findByText("nightly started")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "History of nightly" }));
  expect(await screen.findByText("nothing works today")).toBeVisible();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("switch", { name: "nightly is on" }));
  expect(await screen.findByText("off")).toBeVisible();
  expect(screen.getByRole("button", { name: "Run now: nightly" })).toBeDisabled();
  expect(sent(calls, "PATCH")[0]?.body).toEqual({ enabled: false });
  await user.click(screen.getByRole("button", { name: "Change nightly" }));
  const sheet = await screen.findByRole("dialog");
  const gets = within(sheet).getByRole("region", { name: "What a call gets:" });
  expect(gets).toHaveTextContent("1 min · 64 MiB of memory · 10,000 calls of the host");
  expect(within(sheet).getByLabelText("Time")).toHaveAttribute("placeholder", "60000");
  expect(within(sheet).queryByLabelText("At the same time")).toBeNull();
  await user.click(within(sheet).getByText("More limits"));
  await user.type(within(sheet).getByLabelText("Calls of the host"), "7");
  expect(gets).toHaveTextContent("as long as the limits above are not saved");
  expect(within(sheet).getByLabelText("Configuration")).toHaveValue(JSON.stringify({ n: 7 }, null, 2));
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "Delete nightly" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "Delete the schedule" }));
  expect(await screen.findByRole("heading", { name: "Not scheduled" })).toBeVisible();
});

test("a route is given, tried, and taken away", async () => {
  const effectiveLimits = { route: someLimits({ atOnce: 64 }) };
  const route = {
    plugin: "p1",
    path: "/api/x/moments",
    config: {},
    limits: {},
    effectiveLimits,
    created: "",
  };
  const calls = stubServer({
    ...base,
    "PUT /api/plugins/p1/route": ({ body }) => ({ body: { ...route, ...(body as object) } }),
    "DELETE /api/plugins/p1/route": { status: 204 },
    "POST /api/x/moments/echo": {
      status: 422,
      body: { said: "hello" },
      headers: { "Content-Type": "application/json", "X-Own": "yes" },
    },
  });
  const { user } = renderApp("/plugins/p1?tab=route");
  expect(await screen.findByText(/Once it has its route/)).toBeVisible();
  expect(screen.getByRole("button", { name: "Send" })).toBeDisabled();
  await user.click(screen.getByRole("radio", { name: /Everybody/ }));
  await user.click(screen.getByRole("button", { name: "Give it its route" }));
  expect(await screen.findByText(/\/api\/x\/moments$/, { selector: "code" })).toBeVisible();
  expect(sent(calls, "PUT")[0]?.body).toEqual({ access: "guest", enabled: true, config: {}, limits: {} });
  expect(screen.getByRole("region", { name: "What a call gets:" })).toHaveTextContent(/64 at the same time$/);
  await user.click(screen.getByText("More limits"));
  expect(screen.getByLabelText("At the same time")).toHaveAttribute("placeholder", "64");

  await user.selectOptions(screen.getByLabelText("Method"), "POST");
  await user.type(screen.getByLabelText("Path and query"), "echo?a=1");
  await user.type(screen.getByLabelText("Body"), `"hello"`);
  await user.click(screen.getByRole("button", { name: "Send" }));
  const answer = await screen.findByRole("region", { name: "Answer" });
  expect(within(answer).getByText("422")).toBeVisible();
  expect(within(answer).getByText(/"said": "hello"/)).toBeVisible();
  const [call] = sent(calls, "POST");
  expect(call?.query.get("a")).toBe("1");
  // Whether its code is in memory may be another matter now.
  const reread = calls.slice(call && calls.indexOf(call)).filter(({ path }) => path === "/api/plugins");
  expect(reread).toHaveLength(1);
  expect(call?.headers.get("X-CSRF-Token")).toBe("csrf-1");

  await user.click(screen.getByRole("button", { name: "Take the route away" }));
  const question = await screen.findByRole("alertdialog");
  await user.click(within(question).getByRole("button", { name: "Take the route away" }));
  expect(await screen.findByText(/Once it has its route/)).toBeVisible();
});

test("what the server says of a route stands in the form, and a server that is away in the try-out", async () => {
  stubServer({
    ...base,
    "GET /api/plugins/p1/route": {
      body: {
        plugin: "p1",
        path: "/api/x/moments",
        access: "user",
        enabled: true,
        config: {},
        limits: {},
        effectiveLimits: {},
      },
    },
    "PUT /api/plugins/p1/route": refusal(400, "No.", {
      limits: {
        wallMs: { code: "validation_max", message: "At most 10000." },
        atOnce: { code: "validation_min", message: "At least 1." },
      },
    }),
    "GET /api/x/moments": "down",
  });
  const { user } = renderApp("/plugins/p1?tab=route");
  await user.type(await screen.findByLabelText("Time"), "99999");
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("At most 10000.")).toBeVisible();
  // It is unfolded for what is complained of in it.
  expect(screen.getByText("At least 1.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Send" }));
  expect(await screen.findByText("The server does not answer", { selector: "p, h2, h3, div" })).toBeVisible();
});

test("the place of a request is the route with a path, a query or both", () => {
  expect(placeOf("/api/x/feed", "")).toBe("/api/x/feed");
  expect(placeOf("/api/x/feed", "a/b?c=1")).toBe("/api/x/feed/a/b?c=1");
  expect(placeOf("/api/x/feed", "?c=1")).toBe("/api/x/feed?c=1");
});

test("a request is told to a shell with its quotes", () => {
  const request = {
    method: "GET",
    path: "/api/x/f?q='",
    body: "x",
    contentType: "text/plain",
    asGuest: true,
  };
  expect(exchangeAsCurl("http://h", request)).toBe(`curl -i 'http://h/api/x/f?q='\\'''`);
  expect(exchangeAsCurl("http://h", { ...request, path: "/p", method: "POST", asGuest: false })).toBe(
    [
      "curl -i -X POST 'http://h/p'",
      `-H "Authorization: $TOKEN"`,
      "-H 'Content-Type: text/plain'",
      "--data-binary 'x'",
    ].join(" \\\n  "),
  );
});
