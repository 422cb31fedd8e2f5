import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aPlugin } from "../../../tests/samples";
import { pageOf, session, stubServer } from "../../../tests/server";

const times = (total: number) => ({ p50: total / 2, p99: total, max: total, total });
const used = (more: object) => ({
  calls: 0,
  refusals: 0,
  skipped: 0,
  failures: 0,
  errors: { fuel: 0, memory: 0, wall: 0 },
  fuel: times(0),
  wallMs: times(0),
  queueMs: times(0),
  guestMs: 0,
  hostMs: 0,
  hostCalls: 0,
  memoryBytes: 0,
  ...more,
});
const row = (name: string, more: object) => ({
  id: `id-${name}`,
  name,
  version: "1",
  state: "active",
  callsInPlace: 0,
  ...used(more),
});
const rows = [
  row("busy", {
    calls: 200,
    refusals: 3,
    fuel: times(5000),
    guestMs: 70,
    hostMs: 30,
    memoryBytes: 2_000_000,
  }),
  row("greedy", {
    calls: 4,
    failures: 2,
    errors: { fuel: 2, memory: 0, wall: 0 },
    fuel: times(9_000_000),
    guestMs: 60,
    queueMs: times(20),
    memoryBytes: 1_000_000,
  }),
  row("idle", {}),
];
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/plugins": pageOf([aPlugin()]),
  "GET /api/collections": pageOf([]),
};
const ledger = (quota: object, plugins: unknown[] = rows) => ({
  body: { tenant: "default", totals: used({ calls: 204, failures: 2 }), quota, plugins },
});
const noQuota = { fuelPerSecond: null, fuelLeft: null, refused: 0 };

const names = () =>
  within(screen.getByRole("table", { name: "Figures of all plugins" }))
    .getAllByRole("link")
    .map(({ textContent }) => textContent);

test("figures of all plugins stand in one table, sorted as the address says", async () => {
  stubServer({ ...base, "GET /api/plugins/figures": ledger(noQuota) });
  const { user, address } = renderApp("/plugins?tab=figures");
  await screen.findByRole("table", { name: "Figures of all plugins" });
  expect(names()).toEqual(["busy", "greedy", "idle"]);
  expect(screen.getByText("It ran out of fuel: 2")).toBeVisible();
  expect(screen.getByText("99th: 9,000,000")).toBeVisible();
  expect(screen.getByText("plugin 70%")).toBeVisible();
  expect(screen.getByText("server 30%")).toBeVisible();
  expect(screen.getByText("waiting 25%")).toBeVisible();
  expect(screen.getByRole("link", { name: "greedy" })).toHaveAttribute(
    "href",
    "/_/plugins/id-greedy?tab=metrics",
  );

  await user.click(screen.getByRole("button", { name: "Fuel" }));
  await waitFor(() => expect(address()).toBe("/plugins?tab=figures&sort=-fuel"));
  expect(names()).toEqual(["greedy", "busy", "idle"]);
  expect(screen.getByRole("columnheader", { name: "Fuel" })).toHaveAttribute("aria-sort", "descending");
  await user.click(screen.getByRole("button", { name: "Fuel" }));
  await waitFor(() => expect(names()).toEqual(["idle", "busy", "greedy"]));
  await user.click(screen.getByRole("button", { name: "Plugin" }));
  await user.click(screen.getByRole("button", { name: "Plugin" }));
  await waitFor(() => expect(names()).toEqual(["idle", "greedy", "busy"]));
});

test("a quota says how much of it is used, what was turned away, and what clients are told", async () => {
  const quota = { fuelPerSecond: 1000, fuelLeft: 250, refused: 7 };
  stubServer({ ...base, "GET /api/plugins/figures": ledger(quota) });
  renderApp("/plugins?tab=figures");
  expect(await screen.findByText("750 of 1,000")).toBeVisible();
  expect(screen.getByText("7 calls were turned away since the server began.")).toBeVisible();
  expect(screen.getByText("429 plugin_quota")).toBeVisible();
  expect(screen.queryByText("Plugins have burnt more than there is")).toBeNull();
});

test("a tenant that waits is told for how long; without a quota that is said", async () => {
  let quota: object = { fuelPerSecond: 1000, fuelLeft: -4200, refused: 1 };
  stubServer({ ...base, "GET /api/plugins/figures": () => ledger(quota, []) });
  renderApp("/plugins?tab=figures");
  expect(await screen.findByText("What would call one is turned away for about 5 seconds.")).toBeVisible();
  expect(screen.getByText("5,200 of 1,000")).toBeVisible();
  expect(screen.getByText("Figures appear with the first call of the first plugin.")).toBeVisible();
  quota = noQuota;
  expect(await screen.findByText("--plugin-fuel-per-second")).toBeVisible();
});
