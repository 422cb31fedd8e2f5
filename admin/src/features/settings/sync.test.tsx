import { cleanup, screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { copiedShare, isMoving, type SyncStatus } from "@/api/sync";
import { renderApp } from "../../../tests/render-app";
import { type Call, refusal, session, stubServer } from "../../../tests/server";
import { copyUrl, idle, syncOff, syncStates } from "../../../tests/sync-states";

const { following, copying, failing, differing } = syncStates;
const stored = { sync: { enabled: true, url: copyUrl } };
const base = {
  "GET /api/admin/session": { body: session },
  "GET /api/settings": { body: stored },
  "GET /api/sync": { body: following },
};
const sent = (calls: Call[], path: string) =>
  calls.filter((call) => call.method !== "GET" && call.path === path);

test("without a copy it is said what one is; a server is tried as it is typed, and then saved", async () => {
  let good = false;
  const calls = stubServer({
    ...base,
    "GET /api/settings": { body: { sync: { enabled: false, url: "" } } },
    "GET /api/sync": { body: syncOff },
    "PATCH /api/settings": { body: stored },
    "POST /api/sync/test": () =>
      good
        ? { body: { dialogue: ["> POST https://db.example.com/v3/pipeline", "< done"] } }
        : refusal(400, "Failed to test the database sync.", {
            sync: {
              code: "sync_failed",
              message: "It does not work: the server does not accept the token (401: no).",
              params: {
                dialogue: ["> POST https://db.example.com/v3/pipeline", "! the server does not accept it"],
              },
            },
          }),
  });
  const { user } = renderApp("/settings?tab=sync");
  expect(await screen.findByText("There is no copy")).toBeVisible();
  expect(screen.getByRole("button", { name: "Test the connection" })).toBeDisabled();
  await user.type(screen.getByLabelText("Server address"), "https://db.example.com");
  await user.type(screen.getByLabelText("Token"), "hush");
  await user.click(screen.getByRole("button", { name: "Test the connection" }));
  expect(await screen.findByText("It does not work")).toBeVisible();
  expect(screen.getByText(/does not accept the token \(401: no\)/)).toBeVisible();
  expect(screen.getByRole("region", { name: "What was said" })).toHaveTextContent(
    "! the server does not accept it",
  );
  good = true;
  await user.click(screen.getByRole("button", { name: "Test the connection" }));
  expect(await screen.findByText("It works")).toBeVisible();
  expect(screen.getByRole("region", { name: "What was said" })).toHaveTextContent("< done");
  const typed = { url: "https://db.example.com", authToken: "hush" };
  expect(sent(calls, "/api/sync/test").map((call) => call.body)).toEqual([typed, typed]);
  await user.click(screen.getByRole("switch", { name: "Enabled" }));
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() =>
    expect(sent(calls, "/api/settings")[0]?.body).toEqual({ sync: { ...typed, enabled: true } }),
  );
});

test("a token that is kept is not sent along, and is never shown", async () => {
  const calls = stubServer({ ...base, "POST /api/sync/test": { body: { dialogue: [] } } });
  const { user } = renderApp("/settings?tab=sync");
  await user.click(await screen.findByRole("button", { name: "Test the connection" }));
  await screen.findByText("It works");
  expect(sent(calls, "/api/sync/test")[0]?.body).toEqual({ url: copyUrl });
  expect(screen.getByLabelText("Token")).toHaveValue("");
});

test("how far it is, is told by collection; a failure in the server's words", async () => {
  let status: SyncStatus = failing;
  stubServer({ ...base, "GET /api/sync": () => ({ body: status }) });
  renderApp("/settings?tab=sync");
  expect(await screen.findByText("Failing")).toBeVisible();
  expect(screen.getByText(failing.error)).toBeVisible();
  expect(screen.getByText(/1,284 changes behind/)).toHaveTextContent("the oldest for 1 hour");
  const table = () => within(screen.getByRole("table", { name: "Collections of the copy" }));
  expect(table().getByText("Somebody else has a table of this name there.")).toBeVisible();
  cleanup();

  status = copying;
  renderApp("/settings?tab=sync");
  expect(await screen.findByText("31,400 of 48,210 rows")).toBeVisible();
  expect(table().getByRole("progressbar", { name: "Copying invoices" })).toHaveAttribute(
    "aria-valuenow",
    "65",
  );
});

test("rows are compared, what differs is named, and copying anew is asked for first", async () => {
  let status: SyncStatus = following;
  const calls = stubServer({
    ...base,
    "GET /api/sync": () => ({ body: status }),
    "POST /api/sync/verify": () => {
      status = differing;
      return { body: status.verify };
    },
    "POST /api/sync/restart": () => {
      status = copying;
      return { body: status };
    },
  });
  const { user } = renderApp("/settings?tab=sync");
  expect(await screen.findByText("In step with this database")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Compare all rows" }));
  expect(await screen.findByText("3 rows differ")).toBeVisible();
  const found = within(screen.getByRole("region", { name: "Rows that differ" }));
  const [row] = differing.verify.found;
  expect(found.getByRole("row", { name: `${row?.collection} ${row?.id} other values` })).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Copy all anew" }));
  const question = within(await screen.findByRole("alertdialog"));
  expect(sent(calls, "/api/sync/restart")).toEqual([]);
  await user.click(question.getByRole("button", { name: "Copy all anew" }));
  expect((await screen.findAllByText("Copying")).length).toBeGreaterThan(0);
  expect(screen.queryByText("3 rows differ")).toBeNull();
});

test("a comparison that failed, one that found nothing, and a copy without collections are told", async () => {
  let verify: SyncStatus["verify"] = { ...idle, state: "failed", problem: "the copy is not complete yet" };
  stubServer({
    ...base,
    "GET /api/sync": () => ({ body: { ...following, collections: [], verify } }),
    "POST /api/sync/verify": () => {
      verify = { ...idle, state: "done", rows: 1203, total: 1203 };
      return { body: verify };
    },
  });
  const { user } = renderApp("/settings?tab=sync");
  expect(await screen.findByText("the copy is not complete yet")).toBeVisible();
  expect(screen.getByText("There is no collection to copy")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Compare all rows" }));
  expect(await screen.findByText("1,203 rows were compared.")).toBeVisible();
});

test("what will soon be otherwise is asked for again soon", () => {
  expect(isMoving(following)).toBe(false);
  expect(isMoving({ ...following, behind: 1 })).toBe(true);
  expect(isMoving({ ...following, state: "copying" })).toBe(true);
  expect(isMoving({ ...following, verify: { ...idle, state: "running" } })).toBe(true);
  const collection = { id: "c", name: "n", state: "copying", rows: 0, copied: 1, total: 4 } as const;
  expect(copiedShare(collection)).toBe(0.25);
  expect(copiedShare({ ...collection, copied: 0, total: 0 })).toBeNull();
});
