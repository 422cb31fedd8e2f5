import { expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { seedRecords, signedInApi } from "../harness/seed";
import { address, suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecords });

test("a view is previewed while its query is typed, and what is wrong with it is said", async () => {
  const api = await signedInApi(server());
  await api.post("/api/collections", {
    name: "totals",
    type: "view",
    viewQuery: "SELECT id, number FROM invoices ORDER BY number",
  });
  const page = await open();
  await signIn(page, "/_/collections/totals?tab=query");
  const table = page.getByRole("table", { name: "Preview" });
  await table.getByText("2026-0001").waitFor();
  const type = async (query: string) => {
    await page.getByRole("textbox", { name: "Query" }).click();
    await page.keyboard.press("Control+a");
    await page.keyboard.type(query);
  };
  await type("SELECT id FROM nowhere");
  await page
    .getByRole("alert")
    .getByText(/nowhere/)
    .waitFor();
  expect(await accessibilityProblems(page), "a view that cannot be").toEqual([]);
  await type("SELECT id, total FROM invoices");
  await table.getByRole("columnheader", { name: /total/ }).waitFor();
  expect(await accessibilityProblems(page), "the preview of a view").toEqual([]);
  await page.getByRole("button", { name: "Review and save" }).click();
  const review = page.getByRole("dialog");
  await review.getByText("As a request").click();
  await review.getByText(/curl -X PATCH/).waitFor();
  expect(await accessibilityProblems(page), "a change as a request").toEqual([]);
  await review.getByRole("button", { name: "Save" }).click();
  await review.waitFor({ state: "detached" });
});

test("columns are put in another order, which the address keeps, and back", async () => {
  const page = await open();
  await signIn(page, "/_/collections/invoices/records");
  const headers = () => page.getByRole("columnheader").allTextContents();
  await page.getByRole("grid").waitFor();
  const usual = await headers();
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("button", { name: "Move total to the left" }).click();
  await page.waitForFunction(() => window.location.search.includes("order=id"));
  expect(await accessibilityProblems(page), "the columns").toEqual([]);
  await page.reload();
  await page.getByRole("grid").waitFor();
  expect((await headers()).indexOf("total")).toBe(usual.indexOf("total") - 1);
  // An order that names what is not there is the usual one.
  await page.goto("/_/collections/invoices/records?order=gone");
  await page.getByRole("grid").waitFor();
  expect(await headers()).toEqual(usual);
  await page.getByRole("button", { name: "Columns" }).click();
  await page.getByRole("button", { name: "All columns in the usual order" }).click();
  await page.waitForFunction(() => !window.location.search.includes("order"));
  expect(address(page)).toBe("/_/collections/invoices/records");
});
