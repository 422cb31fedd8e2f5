import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { type Bucket, startBucket } from "../harness/bucket";
import { seedRecords } from "../harness/seed";
import { suite } from "../harness/suite";

const { open } = suite({ prepare: seedRecords });
let bucket: Bucket;

beforeAll(async () => {
  bucket = await startBucket();
});

afterAll(() => bucket.stop());

/** A file in a field, put in as a person would. */
async function addFile(page: Page, name: string) {
  await page.goto("/_/collections/invoices/records?record=new");
  const panel = page.getByRole("dialog");
  await panel.getByLabel("number", { exact: true }).fill(name);
  await panel.getByLabel("total", { exact: true }).fill("1");
  await panel
    .locator('input[type="file"]')
    .setInputFiles({ name: `${name}.txt`, mimeType: "text/plain", buffer: Buffer.from(`scan of ${name}`) });
  await page.keyboard.press("Control+s");
  await panel.waitFor({ state: "detached" });
}

test("a bucket is filled in from a preset, and what is missing is named by the test", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=storage");
  await page.getByRole("heading", { name: "Move the files" }).waitFor();
  expect(await page.getByRole("button", { name: "Move all files" }).isDisabled()).toBe(true);
  await page.getByLabel("Provider").selectOption({ label: "MinIO" });
  expect(await page.getByLabel("Endpoint").inputValue()).toBe("http://127.0.0.1:9000");
  await page.getByLabel("Endpoint").fill(bucket.url);
  await page.getByLabel("Bucket", { exact: true }).fill("files");
  await page.getByLabel("Access key").fill("key");
  await page.getByLabel("Secret", { exact: true }).fill("a secret");
  await page.getByRole("switch", { name: "Enabled" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
  bucket.refuse("DELETE");
  await page.getByRole("button", { name: "Test the storage" }).click();
  await page.getByText("The key may not do this").waitFor();
  expect(await accessibilityProblems(page), "a bucket that refuses").toEqual([]);
  bucket.refuse(null);
  await page.getByRole("button", { name: "Test the storage" }).click();
  await page.getByText("A file was written, read and deleted.").waitFor();
});

test("files are moved to the bucket and back; a bucket that refuses is told, and the rest is moved later", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=storage");
  const bytes = () => [...bucket.objects.values()].map(String).filter((text) => text.startsWith("scan of"));
  await page.getByRole("switch", { name: "Enabled" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
  await addFile(page, "F-1");
  await addFile(page, "F-2");
  expect(bytes()).toEqual([]);

  await page.goto("/_/settings?tab=storage");
  await page.getByRole("switch", { name: "Enabled" }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
  bucket.refuse("PUT");
  await page.getByRole("button", { name: "Move all files" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Move all files" }).click();
  await page.getByText("Not finished", { exact: true }).waitFor();
  expect(await accessibilityProblems(page), "a move that failed").toEqual([]);
  bucket.refuse(null);
  await page.getByRole("button", { name: "Move the rest" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Move all files" }).click();
  await page.getByText("Done", { exact: true }).waitFor();
  await page.getByText("2 of 2 files").waitFor();
  expect(bytes().sort()).toEqual(["scan of F-1", "scan of F-2"]);
});
