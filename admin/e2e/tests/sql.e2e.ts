import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { seedRecords } from "../harness/seed";
import { suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecords });

async function type(page: Page, query: string): Promise<void> {
  const editor = page.locator(".cm-content");
  await editor.click();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(query);
}

const run = (page: Page) => page.keyboard.press("Control+Enter");
const result = (page: Page) => page.getByRole("table", { name: "Result" });

test("a statement is run by keys, and its rows are shown", async () => {
  const page = await open();
  await signIn(page);
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Search pages, collections and actions").fill("SQL");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "SQL console", level: 1 }).waitFor();
  await type(page, `SELECT 'told' AS word, NULL AS lacking, '' AS blank, '${"long ".repeat(40)}' AS text`);
  await run(page);
  await result(page).getByText("told", { exact: true }).waitFor();
  await result(page).getByText("NULL", { exact: true }).waitFor();
  await result(page).getByText("empty text").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await result(page).getByRole("button", { name: /^long/ }).click();
  await page
    .getByRole("dialog")
    .getByText(/(long ){40}/)
    .waitFor();
  await page.keyboard.press("Escape");
  await type(page, "SELECT title FROM po");
  await page.keyboard.press("Control+Space");
  await page.locator(".cm-tooltip-autocomplete").getByText("posts", { exact: true }).waitFor();
});

test("a statement that writes is asked about, and does what it says", async () => {
  const page = await open();
  await signIn(page, "/_/sql");
  await type(page, "UPDATE invoices SET total = 4711 WHERE number = '2026-0001'");
  await run(page);
  await page.getByText("Writing is not allowed here at the moment.").waitFor();
  await page.getByRole("switch", { name: "Allow writing" }).click();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  const question = page.getByRole("alertdialog");
  await question.getByText("Hooks and realtime do not hear of it").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
  await question.getByRole("button", { name: "Run and write" }).click();
  await page.getByText(/^1 row affected/).waitFor();
  await type(page, "SELECT total FROM invoices WHERE number = '2026-0001'");
  await run(page);
  await result(page).getByText(/^4711/).waitFor();
  await page.goto("/_/logs?tab=activity&kind=database");
  await page.getByRole("table", { name: "Activity" }).getByText("invoices").first().waitFor();
});

test("what the engine refuses is said in its words at the editor", async () => {
  const page = await open();
  await signIn(page, "/_/sql");
  await type(page, "SELECT title FROM nowhere");
  await run(page);
  await page.getByText("no such table: nowhere").waitFor();
  await page.locator(".cm-content[aria-invalid=true]").waitFor();
  await type(page, "DROP TABLE posts");
  await run(page);
  await page.getByText("no such table: nowhere").waitFor({ state: "detached" });
  await page.locator(".cm-content[aria-invalid=true]").waitFor();
});

test("a statement without an end is given up", async () => {
  const page = await open();
  await signIn(page, "/_/sql");
  await type(page, "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c");
  await run(page);
  await page.getByRole("button", { name: "Give up" }).click();
  await page.getByText("Given up", { exact: true }).waitFor();
  await type(page, "SELECT 'next' AS word");
  await run(page);
  await result(page).getByText("next", { exact: true }).waitFor();
});

test("while the server is away the statement stays, and is sent again", async () => {
  const page = await open();
  await signIn(page, "/_/sql");
  await type(page, "SELECT 'back' AS word");
  await server().halt();
  await run(page);
  await page.getByText("The server does not answer").first().waitFor();
  await server().resume();
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await result(page).getByText("back", { exact: true }).waitFor();
});
