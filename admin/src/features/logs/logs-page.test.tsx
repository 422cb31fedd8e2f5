import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

const failed = {
  id: "l1",
  created: "2026-11-28 10:00:00.000Z",
  level: 8,
  message: "GET /api/x",
  data: { method: "GET", url: "/api/x", status: 500, execTime: 12.5, userIP: "1.2.3.4", error: "It broke." },
};
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/logs": pageOf([failed]),
  "GET /api/logs/stats": { body: [] },
  "GET /api/logs/l1": { body: failed },
};
const lists = (calls: Call[]) => calls.filter(({ path }) => path === "/api/logs");

test("requests are narrowed down, and each tells what is known of it", async () => {
  const calls = stubServer(base);
  const { user, address } = renderApp("/logs");
  await user.click(await screen.findByRole("link", { name: "GET /api/x" }));
  const sheet = await screen.findByRole("dialog");
  expect(await within(sheet).findByText("It broke.")).toBeVisible();
  await user.click(within(sheet).getByRole("button", { name: "Only those with the same IP" }));
  await waitFor(() =>
    expect(lists(calls).at(-1)?.query.get("filter")).toContain("(data.userIP = '1.2.3.4')"),
  );
  expect(screen.queryByRole("dialog")).toBeNull();
  await user.selectOptions(screen.getByLabelText("Outcome"), "refused");
  await waitFor(() => expect(lists(calls).at(-1)?.query.get("filter")).toContain("data.status >= 400"));
  expect(address()).toContain("outcome=refused");
});

test("a bar of the chart narrows the list to its time, by keyboard too", async () => {
  const calls = stubServer(base);
  const { user, address } = renderApp("/logs");
  const chart = await screen.findByRole("toolbar", { name: "Requests over time" });
  const bars = within(chart).getAllByRole("button");
  expect(bars).toHaveLength(24);
  bars.at(-1)?.focus();
  await user.keyboard("{ArrowLeft}{Enter}");
  await waitFor(() => expect(address()).toContain("from="));
  await waitFor(() => expect(lists(calls).at(-1)?.query.get("filter")).toMatch(/created < '/));
  expect(bars.at(-2)).toHaveAttribute("aria-pressed", "true");
});

test("a filter that cannot be read is explained; a log that cannot be read says so", async () => {
  stubServer({ ...base, "GET /api/logs": refusal(400, "Unknown field `nope`.") });
  const { user } = renderApp("/logs?filter=nope+%3D+1");
  expect(await screen.findByText("The filter cannot be read")).toBeVisible();
  stubServer({ ...base, "GET /api/logs": refusal(500, "Oops.") });
  await user.click(screen.getByRole("button", { name: "Clear filters" }));
  expect(await screen.findByText("The server failed")).toBeVisible();
});

test("activity tells who changed what from what to what", async () => {
  const entry = {
    id: "a1",
    created: "2026-11-28 10:00:00.000Z",
    actorKind: "superuser",
    actorName: "root@example.com",
    plugin: "slugify",
    action: "update",
    kind: "record",
    subject: "r1",
    name: "posts",
    ip: "1.1.1.1",
    requestId: "q",
    before: { title: "a" },
    after: { title: "b" },
    hooks: [{ plugin: "contact-details", fields: ["title", "phone"] }],
  };
  const calls = stubServer({
    ...base,
    "GET /api/activity": pageOf([entry]),
    "GET /api/activity/a1": { body: entry },
  });
  const { user } = renderApp("/logs?tab=activity");
  expect(
    await screen.findByText("root@example.com, through plugin slugify, changed by contact-details"),
  ).toBeVisible();
  await user.click(screen.getByRole("link", { name: /Record posts/ }));
  const sheet = await screen.findByRole("dialog");
  expect(await within(sheet).findByText("slugify")).toBeVisible();
  expect(within(sheet).getByText("contact-details: title, phone")).toBeVisible();
  const changes = await within(sheet).findByRole("region", { name: "What changed" });
  expect(changes).toHaveTextContent("title− a+ b");
  await user.click(within(sheet).getByRole("button", { name: "Close" }));
  await user.selectOptions(screen.getByLabelText("Kind"), "plugin");
  await waitFor(() =>
    expect(
      calls
        .filter(({ path }) => path === "/api/activity")
        .at(-1)
        ?.query.get("filter"),
    ).toBe("kind = 'plugin'"),
  );
});
