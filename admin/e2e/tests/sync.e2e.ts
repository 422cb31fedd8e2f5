import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { seedRecords } from "../harness/seed";
import { Sqld } from "../harness/sqld";
import { suite } from "../harness/suite";

const { open } = suite({ prepare: seedRecords });
let sqld: Sqld;

beforeAll(async () => {
  sqld = await Sqld.start();
});

afterAll(() => sqld?.stop());

test("a server is tried, switched on, followed and compared; what somebody else has changed there is put right", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=sync");
  await page.getByText("There is no copy").waitFor();
  expect(await accessibilityProblems(page), "no copy").toEqual([]);
  await page.getByLabel("Server address").fill(sqld.url);
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByText("It works").waitFor();
  expect(await page.getByRole("region", { name: "What was said" }).textContent()).toContain("no copy yet");
  await page.getByRole("switch", { name: "Enabled" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
  await page.getByText("In step with this database").waitFor();
  const row = page
    .getByRole("table", { name: "Collections of the copy" })
    .getByRole("row", { name: /^invoices/ });
  await row.getByText("Following").waitFor();
  const count = Number(await sqld.value("SELECT count(*) FROM invoices"));
  expect(count).toBeGreaterThan(0);
  await row.getByText(String(count), { exact: true }).waitFor();

  await page.getByRole("button", { name: "Compare all rows" }).click();
  await page.getByText("The copy is as it should be").waitFor();
  await sqld.value("DELETE FROM invoices WHERE id = (SELECT min(id) FROM invoices)");
  await page.getByRole("button", { name: "Compare all rows" }).click();
  await page.getByText("1 row differs").waitFor();
  await page.getByText("missing there").waitFor();
  expect(await accessibilityProblems(page), "a row that differs").toEqual([]);
  await page.getByRole("button", { name: "Copy all anew" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Copy all anew" }).click();
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await expect
    .poll(() => sqld.value("SELECT count(*) FROM invoices"), { timeout: 30_000 })
    .toBe(String(count));
  await page.getByText("In step with this database").waitFor();
});

test("a server that is away is told, and what it has missed comes when it is back", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=sync");
  await page.getByText("In step with this database").waitFor();
  const count = Number(await sqld.value("SELECT count(*) FROM invoices"));
  await sqld.kill();
  await page.goto("/_/collections/invoices/records?record=new");
  await page.getByRole("dialog").getByLabel("number", { exact: true }).fill("F-away");
  await page.getByRole("dialog").getByLabel("total", { exact: true }).fill("1");
  await page.keyboard.press("Control+s");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.goto("/_/settings?tab=sync");
  await page.getByText("The copy cannot be brought up to date").waitFor();
  await page.getByText(/the server cannot be reached/).waitFor();
  await page.getByText(/1 change behind/).waitFor();
  expect(await accessibilityProblems(page), "a server that is away").toEqual([]);
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByText("It does not work", { exact: true }).waitFor();
  await sqld.resume();
  await page.getByText("In step with this database").waitFor();
  expect(await sqld.value("SELECT count(*) FROM invoices")).toBe(String(count + 1));
});
