import { expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { signedInApi } from "../harness/seed";
import { seedRecordsAndView } from "../harness/seed-view";
import { address, suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecordsAndView });

test("a view is previewed while its query is typed, and what is wrong with it is said", async () => {
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

test("what a change does to the database is shown before it is made, with what is wrong with it", async () => {
  const api = await signedInApi(server());
  const page = await open();
  await signIn(page, "/_/collections/invoices");
  await page.getByRole("button", { name: "Remove paid" }).click();
  await page.getByRole("button", { name: "Review and save" }).click();
  const review = page.getByRole("dialog");
  await review.getByText("What happens in the database").click();
  await review.getByText(/ALTER TABLE `invoices` DROP COLUMN `paid`;/).waitFor();
  const touched = review.getByRole("list", { name: "Data that is touched" });
  await touched.getByText("150 records").waitFor();
  expect(await accessibilityProblems(page, ["region"]), "the statements of a change").toEqual([]);
  const { fields } = await api.get("/api/collections/invoices");
  expect((fields as { name: string }[]).map(({ name }) => name)).toContain("paid");
  await review.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Discard" }).click();

  // Only the data is against it: two thirds of the invoices are not paid.
  await page.getByRole("tab", { name: "Indexes" }).click();
  await page.getByRole("button", { name: "Add an index" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("checkbox", { name: "paid" }).click();
  await dialog.getByRole("switch", { name: /Unique/ }).click();
  await dialog.getByRole("button", { name: "Add an index" }).click();
  await page.getByRole("button", { name: "Review and save" }).click();
  await review.getByText("What happens in the database").click();
  await review.getByText(/records that are there have the same paid/).waitFor();
  expect(await accessibilityProblems(page, ["region"]), "a change that would be refused").toEqual([]);
  await review.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("button", { name: "Discard" }).click();
});

test("what a new collection is in the database is shown before it is made", async () => {
  const api = await signedInApi(server());
  const page = await open();
  await signIn(page, "/_/collections");
  await page.getByRole("button", { name: "New collection" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("visits");
  await dialog.getByText("What happens in the database").click();
  await dialog.getByText(/CREATE TABLE `visits`/).waitFor();
  expect(await accessibilityProblems(page, ["region"]), "a collection that is to be").toEqual([]);
  const { items } = await api.get("/api/collections?perPage=200");
  expect((items as { name: string }[]).map(({ name }) => name)).not.toContain("visits");
  await dialog.getByLabel("Name").fill("invoices");
  await dialog.getByRole("alert").waitFor();
  await dialog.getByLabel("Name").fill("visits");
  await dialog.getByText(/CREATE TABLE `visits`/).waitFor();
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.waitFor({ state: "detached" });
  await api.get("/api/collections/visits");
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
