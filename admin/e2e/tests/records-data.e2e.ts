/** Editing in the table, two people who edit the same, many records at once, and records as files. */
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { seedRecords, signedInApi } from "../harness/seed";
import { suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecords });
const invoices = "/_/collections/invoices/records?sort=number";

test("cells are edited by keyboard alone", async () => {
  const page = await open();
  await signIn(page, invoices);
  const grid = page.getByRole("grid", { name: "Records of invoices" });
  await grid.getByText("2026-0001").first().click();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("F2");
  const editor = page.getByRole("dialog", { name: "Edit number" });
  await editor.getByLabel("number", { exact: true }).fill("2026-two");
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
  await page.keyboard.press("Tab");
  await page.getByRole("dialog", { name: "Edit total" }).waitFor();
  await grid.getByText("2026-two").waitFor();
  await page.getByLabel("total", { exact: true }).fill("-4");
  await page.keyboard.press("Enter");
  // What the server says stands in the cell.
  await page
    .getByRole("dialog", { name: "Edit total" })
    .getByText(/larger|at least|0/i)
    .first()
    .waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.getByRole("button", { name: "Undo" }).click();
  await grid.getByText("2026-0002").waitFor();
  expect(await accessibilityProblems(page)).toEqual([]);
});

test("two people who change the same field are both heard", async () => {
  const page = await open();
  await signIn(page, "/_/collections/posts/records");
  await page
    .getByRole("row", { name: /What an index costs/ })
    .getByRole("link")
    .click();
  const panel = page.getByRole("dialog", { name: "What an index costs" });
  await panel.getByLabel("title", { exact: true }).fill("Mine");
  const id = new URL(page.url()).searchParams.get("record");
  const api = await signedInApi(server());
  await api.patch(`/api/collections/posts/records/${id}`, { title: "Theirs", rating: 1 });
  await page.keyboard.press("Control+s");
  const question = page.getByRole("dialog", { name: "This record was changed meanwhile" });
  await question.getByText("Also changed by others, and kept as it is: rating").waitFor();
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
  await question.getByRole("button", { name: "Save this" }).click();
  await page.getByText("Changes saved").waitFor();
  await question.waitFor({ state: "detached" });
  const after = page.getByRole("dialog", { name: "Mine" });
  expect(await after.getByLabel("title", { exact: true }).inputValue()).toBe("Mine");
  expect(await after.getByLabel("rating", { exact: true }).inputValue()).toBe("1");
});

test("many records are changed at once, and changed back", async () => {
  const page = await open();
  await signIn(page, invoices);
  const grid = page.getByRole("grid", { name: "Records of invoices" });
  await grid.getByText("2026-0001").waitFor();
  await grid.getByLabel("Select all records of this page").click();
  await page.getByRole("region", { name: "Selected records" }).getByRole("button", { name: "Edit" }).click();
  const dialog = page.getByRole("dialog", { name: "Change 50 records" });
  await dialog.getByLabel("Field").selectOption("total");
  await dialog.getByLabel("New value").fill("-1");
  await dialog.getByRole("button", { name: "Change 50 records" }).click();
  await dialog.getByText(/^[a-z0-9]{15}: /).waitFor();
  await dialog.getByLabel("New value").fill("77");
  await dialog.getByRole("button", { name: "Change 50 records" }).click();
  await page.getByText("50 records changed").waitFor();
  await grid.getByText("77", { exact: true }).nth(9).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByText("Taken back").waitFor();
  await grid.getByText("13.5", { exact: true }).waitFor();
});

test("records leave as a file and come back from one", async () => {
  const page = await open();
  await signIn(page, `${invoices}&filter=number+~+'2026-000'`);
  await page.getByRole("grid").getByText("2026-0009").waitFor();
  await page.getByRole("button", { name: "Data" }).click();
  const [file] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("menuitem", { name: "CSV", exact: true }).click(),
  ]);
  const text = await readFile(await file.path(), "utf8");
  expect(text.trim().split("\r\n")).toHaveLength(10);

  // A spreadsheet has renamed a column and spoilt a row.
  const changed = text
    .replace("number", "Invoice no.")
    .replace("2026-0003", "2026-three")
    .replace(",24,", ",x,");
  await page.getByRole("button", { name: "Data" }).click();
  await page.getByRole("menuitem", { name: "Import records…" }).click();
  const sheet = page.getByRole("dialog", { name: "Import into invoices" });
  await sheet
    .getByLabel("File to import")
    .setInputFiles({ name: "invoices.csv", mimeType: "text/csv", buffer: Buffer.from(changed) });
  await sheet.getByLabel("Field for Invoice no.").selectOption("number");
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
  await sheet.getByRole("button", { name: "Try it out" }).click();
  await sheet.getByText("9 rows tried, nothing written").waitFor();
  await sheet.getByText(/0 new, \d updated/).waitFor();
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
  await sheet.getByRole("button", { name: /^Import \d rows$/ }).click();
  await page.getByText(/records imported/).waitFor();
  await page.goto("/_/collections/invoices/records?filter=number+%3D+'2026-three'");
  await page.getByRole("grid").getByText("2026-three").waitFor();
});
