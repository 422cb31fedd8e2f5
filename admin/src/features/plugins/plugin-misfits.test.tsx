import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type * as Queries from "@/api/queries";
import { renderApp } from "../../../tests/render-app";
import { aCollection, anAttachment, aPlugin } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

const upload = vi.hoisted(() => vi.fn());
vi.mock("@/api/queries", async (original) => ({
  ...(await original<typeof Queries>()),
  uploadPlugin: upload,
}));

const complaint = (more: object) => ({
  code: "validation_invalid_value",
  message: "Want string, but got number at /n.",
  params: { pointer: "/n", ...more },
});
const misfits = {
  attachments: { a1: complaint({ collection: "posts" }) },
  schedules: { s1: complaint({ name: "nightly" }) },
};
const refused = refusal(400, "The stored configuration does not fit this version.", misfits);
const newer = aPlugin({ version: "2", sha256: "b".repeat(64), activated: "" });

/** A server that refuses version 2 unless it is forced. */
function strictServer(answers: Parameters<typeof stubServer>[0] = {}) {
  let version = "1";
  const choose = ({ body }: Call) => {
    const wish = body as { version: string; force?: boolean };
    if (!wish.force) return refused;
    version = wish.version;
    return { body: aPlugin({ version }) };
  };
  return stubServer({
    "GET /api/admin/session": { body: session },
    "GET /api/collections": pageOf([aCollection()]),
    "GET /api/plugins": () => pageOf([aPlugin({ version })]),
    "GET /api/plugins/p1/attachments": { body: { items: [anAttachment()] } },
    "GET /api/plugins/p1/grants": { body: { records: [] } },
    "GET /api/plugins/p1/config": { body: {} },
    "GET /api/plugins/p1/versions": { body: { items: [newer, aPlugin({ version: "1" })] } },
    "POST /api/plugins/p1/activate": choose,
    "POST /api/plugins/p1/approve": choose,
    "POST /api/plugins/p1/canary": choose,
    ...answers,
  });
}

const posted = (calls: Call[]) =>
  calls.filter(({ method }) => method === "POST").map(({ path, body }) => [path.split("/").at(-1), body]);

const pressed = async (user: ReturnType<typeof renderApp>["user"], name: string) =>
  user.click(within(await screen.findByRole("dialog")).getByRole("button", { name }));

test("a version that does not accept what is configured is called when somebody insists", async () => {
  const calls = strictServer();
  const { user } = renderApp("/plugins/p1?tab=versions");
  await user.click(await screen.findByRole("button", { name: "Activate" }));
  await pressed(user, "Activate");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Version 2 does not accept what is configured");
  const lines = within(alert).getByRole("list", { name: "What does not fit" });
  expect(await within(lines).findByRole("link", { name: "On posts: Before create" })).toBeVisible();
  expect(within(lines).getByRole("link", { name: "Schedule nightly" })).toBeVisible();
  expect(within(lines).getAllByText("/n")).toHaveLength(2);
  expect(within(lines).getAllByText("Want string, but got number.")).toHaveLength(2);
  await pressed(user, "Call it all the same");
  expect(
    await screen.findByText("What did not fit it can be configured under its schema now."),
  ).toBeVisible();
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(await screen.findByRole("button", { name: "Roll back" })).toBeVisible();
  expect(posted(calls)).toEqual([
    ["activate", { version: "2" }],
    ["activate", { version: "2", force: true }],
  ]);
});

test("what does not fit leads to where it is configured", async () => {
  const calls = strictServer();
  const { user, address } = renderApp("/plugins/p1?tab=versions");
  await user.click(await screen.findByRole("button", { name: "Activate" }));
  await pressed(user, "Activate");
  await user.click(await screen.findByRole("link", { name: "On posts: Before create" }));
  await waitFor(() => expect(address()).toBe("/plugins/p1?tab=runs"));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(await screen.findByRole("button", { name: "Settings on posts" })).toBeVisible();
  expect(posted(calls)).toEqual([["activate", { version: "2" }]]);
});

test("another error beside it is said, and what does not fit stays to be insisted on", async () => {
  strictServer({
    "POST /api/plugins/p1/activate": ({ body }) =>
      (body as { force?: boolean }).force ? refusal(500, "Oops.") : refused,
  });
  const { user } = renderApp("/plugins/p1?tab=versions");
  await user.click(await screen.findByRole("button", { name: "Activate" }));
  await pressed(user, "Activate");
  await screen.findByRole("list", { name: "What does not fit" });
  await pressed(user, "Call it all the same");
  const dialog = await screen.findByRole("dialog");
  expect(await within(dialog).findByText("The server failed")).toBeVisible();
  expect(within(dialog).getByRole("button", { name: "Call it all the same" })).toBeEnabled();
});

test("who agrees to what a key has uploaded insists on both", async () => {
  const waiting = { ...newer, approved: false };
  const calls = strictServer({
    "GET /api/plugins/p1/versions": { body: { items: [waiting, aPlugin({ version: "1" })] } },
  });
  const { user } = renderApp("/plugins/p1");
  await user.click(await screen.findByRole("button", { name: "Review it" }));
  await pressed(user, "Activate");
  await screen.findByRole("list", { name: "What does not fit" });
  await pressed(user, "Call it all the same");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(posted(calls)).toEqual([
    ["approve", { version: "2" }],
    ["approve", { version: "2", force: true }],
    ["activate", { version: "2", force: true }],
  ]);
});

test("a share of the calls is insisted on with the share that was typed", async () => {
  const calls = strictServer();
  const { user } = renderApp("/plugins/p1?tab=versions");
  await user.click(await screen.findByRole("button", { name: "Give a share" }));
  const dialog = await screen.findByRole("dialog");
  await user.clear(within(dialog).getByLabelText("Share in percent"));
  await user.type(within(dialog).getByLabelText("Share in percent"), "25");
  await pressed(user, "Begin");
  expect(await within(dialog).findByRole("link", { name: "Schedule nightly" })).toBeVisible();
  await pressed(user, "Call it all the same");
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(posted(calls)).toEqual([
    ["canary", { version: "2", share: 25 }],
    ["canary", { version: "2", share: 25, force: true }],
  ]);
});

test("an upload that does not fit is kept, said to be, and called when somebody insists", async () => {
  const calls = strictServer();
  upload.mockResolvedValue({ ...newer, misfits });
  const { user, address } = renderApp("/plugins");
  const file = new File(["\0asm"], "slugify.wasm", { type: "application/wasm" });
  await user.upload(await screen.findByLabelText("Plugin file"), file);
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Version 2 of slugify is kept and not called");
  expect(alert).toHaveTextContent("Version 1 goes on.");
  expect(await within(alert).findByRole("link", { name: "On posts: Before create" })).toBeVisible();
  expect(within(alert).getByRole("link", { name: "Configure" })).toHaveAttribute(
    "href",
    "/_/plugins/p1?tab=config",
  );
  expect(address()).toBe("/plugins");
  await user.click(within(alert).getByRole("button", { name: "Call it all the same" }));
  const dialog = await screen.findByRole("dialog", { name: "Call version 2?" });
  expect(within(dialog).getByRole("link", { name: "Schedule nightly" })).toBeVisible();
  await pressed(user, "Call it all the same");
  await waitFor(() => expect(address()).toBe("/plugins/p1"));
  expect(posted(calls)).toEqual([["activate", { version: "2", force: true }]]);
});

test("what was kept is said later too, until it is called", async () => {
  strictServer();
  const { user } = renderApp("/plugins/p1");
  expect(await screen.findByText("Version 2 waits for you")).toBeVisible();
  expect(
    screen.getByText(
      "It did not accept what was configured when it was uploaded. Version 1 is called until you choose.",
    ),
  ).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Review it" }));
  await pressed(user, "Activate");
  await screen.findByRole("list", { name: "What does not fit" });
  await pressed(user, "Call it all the same");
  await waitFor(() => expect(screen.queryByText("Version 2 waits for you")).toBeNull());
});
