import { expect, test } from "vitest";
import { fillSignIn, signIn } from "../harness/browser";
import { seedRecords, signedInApi } from "../harness/seed";
import { suite } from "../harness/suite";

const { server, open } = suite({ prepare: seedRecords });

test("a backup is made, checked and put in the place of the data", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=backups");
  await page.getByRole("heading", { name: "No backups yet" }).waitFor();
  await page.getByRole("button", { name: "Make a backup" }).click();
  await page.getByRole("button", { name: /^Check / }).click();
  await page.getByRole("dialog").getByText("It is whole").waitFor();
  await page.keyboard.press("Escape");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: /^Download / }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/\.zip$/);

  const api = await signedInApi(server());
  await api.post("/api/collections/invoices/records", { number: "AFTER-1", total: 1 });
  const name = (await page.getByRole("cell").first().textContent()) ?? "";
  await page.getByRole("button", { name: /^Restore / }).click();
  const question = page.getByRole("alertdialog");
  await question.getByRole("textbox").fill(name);
  await question.getByRole("button", { name: "Restore" }).click();
  await question.waitFor({ state: "detached" });
  await expect
    .poll(
      async () => {
        await page.goto("/_/collections/invoices/records?sort=number").catch(() => null);
        return page.getByLabel("E-mail").isVisible();
      },
      { timeout: 60_000, interval: 1000 },
    )
    .toBe(true);
  await fillSignIn(page);
  await page.getByText("2026-0001").waitFor();
  expect(await page.getByText("AFTER-1").count()).toBe(0);
});

test("what is no backup is not restored, and the schedule is kept", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=backups");
  await page.getByLabel("Backup file").setInputFiles({
    name: "notes.zip",
    mimeType: "application/zip",
    buffer: Buffer.from("this is no archive"),
  });
  await page
    .getByRole("alert")
    .getByText(/application\/zip/)
    .waitFor();
  await page.getByLabel("When").fill("every day");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("[aria-invalid]").first().waitFor();
  await page.getByLabel("When").fill("@daily");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
});
