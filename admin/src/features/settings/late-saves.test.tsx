/** Saves of what others have changed meanwhile, that do not end with the first answer. */
import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { type Call, refusal, session, stubServer } from "../../../tests/server";

const rules = (maxRequests: number) => [{ label: "/api/", audience: "", duration: 10, maxRequests }];
const stored = {
  meta: { appName: "Acme", appURL: "http://localhost:8090" },
  batch: { enabled: false, maxRequests: 50, timeout: 3, maxBodySize: 0 },
  rateLimits: { enabled: false, rules: rules(300), excludedIPs: [] },
};
const theirs = {
  ...stored,
  batch: { ...stored.batch, maxRequests: 7 },
  rateLimits: { ...stored.rateLimits, rules: rules(5) },
};
const late = (tag: number) => ({
  status: 412,
  headers: { ETag: `"${tag}"` },
  body: { status: 412, message: "Late.", data: {}, settings: theirs },
});
const served = (answer: (call: Call) => ReturnType<typeof refusal>) =>
  stubServer({
    "GET /api/admin/session": { body: session },
    "GET /api/settings": { body: stored, headers: { ETag: '"1"' } },
    "PATCH /api/settings": answer,
  });
const sent = (calls: Call[]) => calls.filter(({ method }) => method === "PATCH").map(({ body }) => body);

/** Has changed something meanwhile, and then refuses what is sent for another reason, once. */
function refusedOnce() {
  const answers = [late(2), refusal(400, "Not now.")];
  return served(() => answers.shift() ?? { body: theirs, headers: { ETag: '"3"' } });
}

type User = ReturnType<typeof renderApp>["user"];
const save = (user: User) => user.click(screen.getByRole("button", { name: "Save" }));

async function letTheirsStay(user: User) {
  await user.click(await screen.findByRole("radio", { name: /Theirs/ }));
  await user.click(screen.getByRole("button", { name: "Save this" }));
  expect(await screen.findByText("Not now.")).toBeVisible();
}

test("what others are given stays theirs when the rest is refused", async () => {
  const calls = refusedOnce();
  const { user } = renderApp("/settings");
  const most = await screen.findByLabelText("Most requests in one");
  await user.clear(most);
  await user.type(most, "9");
  await user.type(screen.getByLabelText("Name"), "!");
  await save(user);
  await letTheirsStay(user);
  expect(screen.getByLabelText("Most requests in one")).toHaveValue(7);
  expect(screen.getByText("1 change")).toBeVisible();
  await save(user);
  await waitFor(() => expect(screen.queryByText("1 change")).toBeNull());
  const rest = { meta: { appName: "Acme!" } };
  expect(sent(calls)).toEqual([{ ...rest, batch: { maxRequests: 9 } }, rest, rest]);
});

test("so does a list of a part that is saved by itself", async () => {
  const calls = refusedOnce();
  const { user } = renderApp("/settings?tab=limits");
  await user.click(await screen.findByRole("switch", { name: "Limit requests" }));
  await user.click(screen.getByRole("button", { name: /^Remove rule 1/ }));
  await save(user);
  await letTheirsStay(user);
  expect(screen.getByRole("button", { name: /^Remove rule 1/ })).toBeVisible();
  await save(user);
  await waitFor(() => expect(screen.queryByText("Not now.")).toBeNull());
  const rest = { rateLimits: { enabled: true } };
  expect(sent(calls)).toEqual([{ rateLimits: { enabled: true, rules: [] } }, rest, rest]);
});

test("a save for which every version is another one ends with what the server says", async () => {
  const tags = [2, 3, 4, 5, 6, 7];
  const calls = served(() => late(tags.shift() ?? 0));
  const { user } = renderApp("/settings");
  await user.type(await screen.findByLabelText("Name"), "!");
  await save(user);
  expect(await screen.findByText("Late.")).toBeVisible();
  expect(sent(calls)).toHaveLength(3);
  expect(screen.getByLabelText("Name")).toHaveValue("Acme!");
  expect(screen.getByText("1 change")).toBeVisible();
});
