import { screen, waitFor, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { aCollection } from "../../../tests/samples";
import { type Call, pageOf, refusal, session, stubServer } from "../../../tests/server";

const rows = (names: string[], values: (string | null)[][], more: object = {}) => ({
  body: {
    execTime: 3,
    affectedRows: 0,
    truncated: false,
    columns: names.map((name) => ({ name, type: "TEXT", nullable: true })),
    rows: values,
    ...more,
  },
});

function serve(answer: Parameters<typeof stubServer>[0][string], tables = 1) {
  const names = Array.from({ length: tables }, (_, index) =>
    tables === 1 ? "posts" : `posts_${String(index + 1).padStart(2, "0")}`,
  );
  const calls = stubServer({
    "GET /api/admin/session": { body: session },
    "GET /api/collections": pageOf(names.map((name) => aCollection({ id: name, name }))),
    "POST /api/sql": answer,
  });
  const sent = () => calls.filter(({ path }: Call) => path === "/api/sql").map(({ body }) => body);
  return { ...renderApp("/sql"), sent };
}

const editor = () => screen.findByRole("textbox", { name: "Statement" });

test("keys run a statement, and its rows tell NULL from an empty text", async () => {
  const long = "x".repeat(100);
  const { user, sent, address } = serve(rows(["a", "b", "c"], [[null, "", long]]));
  await user.type(await editor(), "SELECT a FROM posts{Control>}{Enter}{/Control}");
  const table = await screen.findByRole("table", { name: "Result" });
  expect(sent()).toEqual([{ query: "SELECT a FROM posts" }]);
  expect(within(table).getByText("NULL")).toBeVisible();
  expect(within(table).getByText("empty text")).toBeVisible();
  expect(screen.getByText("1 row · took 3 ms")).toBeVisible();
  await user.click(within(table).getByRole("button", { name: /^x+…$/ }));
  expect(await screen.findByText(long)).toBeVisible();
  // What is typed may hold secrets: neither the address nor a storage has it.
  expect(address()).toBe("/sql");
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("SELECT");
});

test("many rows are paged, and an answer that was cut says so", async () => {
  const many = Array.from({ length: 150 }, (_, index) => [`row ${index}`]);
  const { user } = serve(rows(["a"], many, { truncated: true }));
  await user.type(await editor(), "SELECT a FROM posts");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText("There is more than is shown")).toBeVisible();
  expect(screen.queryByText("row 149")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Next page" }));
  expect(screen.getByText("row 149")).toBeVisible();
});

// As the engine and the server say it; what it is known by is the code.
const notAsked = "it writes, and nobody asked for that";
const writes = { write: { code: "statement_writes", message: "The statement writes." } };

test("what is wrong with a statement that writes is said of it, also while writing is off", async () => {
  const words = 'near "WHER": syntax error; the statement writes, which has to be asked for';
  const { user } = serve(refusal(400, `Failed to execute query. Raw error:\n${words}`));
  await user.type(await editor(), "DELETE FROM posts WHER 1");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText(words)).toBeVisible();
  expect(await editor()).toBeInvalid();
  expect(screen.queryByText(/^Writing is not allowed here/)).toBeNull();
});

test("a statement that writes is asked about first, and only sent as one where that is allowed", async () => {
  const { user, sent } = serve(({ body }) =>
    (body as { write?: boolean }).write
      ? rows([], [], { affectedRows: 2 })
      : refusal(400, `Failed to execute query. Raw error:\n${notAsked}`, writes),
  );
  await user.type(await editor(), "DELETE FROM posts");
  await user.click(screen.getByRole("button", { name: "Run" }));
  const told = (await screen.findByText(notAsked)).closest<HTMLElement>("[role=status]");
  expect(told).toHaveTextContent(/^Writing is not allowed here/);
  expect(await editor()).not.toBeInvalid();
  // Nothing has been sent since then: what was said of it stays what it was.
  await user.click(screen.getByRole("switch", { name: "Allow writing" }));
  expect(await editor()).not.toBeInvalid();
  expect(screen.getByText(notAsked).closest("[role=status]")).toHaveTextContent(
    /^It was run as a statement that only/,
  );
  await user.click(screen.getByRole("button", { name: "Run" }));
  const question = await screen.findByRole("alertdialog");
  expect(question).toHaveTextContent("Hooks and realtime do not hear of it");
  await user.click(within(question).getByRole("button", { name: "Cancel" }));
  expect(sent()).toEqual([{ query: "DELETE FROM posts" }]);
  await user.click(screen.getByRole("button", { name: "Run" }));
  await user.click(await screen.findByRole("button", { name: "Run and write" }));
  expect(await screen.findByText("2 rows affected · took 3 ms")).toBeVisible();
  expect(sent()[1]).toEqual({ query: "DELETE FROM posts", write: true });
  await user.clear(await editor());
  await user.type(await editor(), "SELECT 1");
  await user.click(screen.getByRole("button", { name: "Run" }));
  await waitFor(() => expect(sent()[2]).toEqual({ query: "SELECT 1" }));
  expect(screen.queryByRole("alertdialog")).toBeNull();
});

test("of very many tables the first are offered, and all of them when they are asked for", async () => {
  const { user } = serve(rows(["a"], []), 60);
  expect(await screen.findByRole("button", { name: "posts_01" })).toBeVisible();
  expect(screen.queryByRole("button", { name: "posts_60" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Show all 60" }));
  // The button that was pressed is gone; what it has brought begins here.
  expect(screen.getByRole("button", { name: "posts_25" })).toHaveFocus();
  await user.click(screen.getByRole("button", { name: "posts_60" }));
  expect(await editor()).toHaveValue("SELECT * FROM posts_60 LIMIT 100");
});

test("a statement that runs can be given up", async () => {
  const { user } = serve(rows(["a"], []));
  const served = globalThis.fetch;
  let signal: AbortSignal | null | undefined;
  vi.stubGlobal("fetch", (input: string, init: RequestInit) => {
    if (!input.endsWith("/api/sql")) return served(input, init);
    signal = init.signal;
    return new Promise((_, reject) => {
      init.signal?.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    });
  });
  await user.type(await editor(), "SELECT a FROM posts");
  await user.click(screen.getByRole("button", { name: "Run" }));
  await user.click(await screen.findByRole("button", { name: "Give up" }));
  expect(await screen.findByText("Given up")).toBeVisible();
  expect(signal?.aborted).toBe(true);
  expect(screen.getByRole("button", { name: "Run" })).toHaveFocus();
});

test("what was typed before is taken again, also on the way back to the page", async () => {
  const { user } = serve(rows(["a"], []));
  await user.type(await editor(), "SELECT 1");
  await user.click(screen.getByRole("button", { name: "posts" }));
  expect(await editor()).toHaveValue("SELECT * FROM posts LIMIT 100");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText("No rows")).toBeVisible();
  await user.click(screen.getAllByRole("link", { name: "Home" })[0] as HTMLElement);
  await screen.findByRole("heading", { name: "Home", level: 1 });
  await user.click(screen.getAllByRole("link", { name: "SQL console" })[0] as HTMLElement);
  expect(await editor()).toHaveValue("SELECT * FROM posts LIMIT 100");
  await user.click(screen.getByRole("button", { name: "Earlier statements" }));
  await user.click(await screen.findByRole("menuitem", { name: "SELECT 1" }));
  expect(await editor()).toHaveValue("SELECT 1");
});

test("without a server the statement stays, and is sent again", async () => {
  let away = true;
  const { user } = serve(() => (away ? "down" : rows(["a"], [["here"]])));
  await user.type(await editor(), "SELECT 1");
  await user.click(screen.getByRole("button", { name: "Run" }));
  expect(await screen.findByText("The server does not answer")).toBeVisible();
  away = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("here")).toBeVisible();
});
