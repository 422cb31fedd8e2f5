import { expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { seedRecords } from "../harness/seed";
import { address, suite } from "../harness/suite";

const { open } = suite({ prepare: seedRecords });

test("a request is found in the log, and everything of it is told", async () => {
  const page = await open();
  await signIn(page, "/_/logs");
  await page.evaluate(() => fetch("/api/collections/no-such-thing/records"));
  await page.getByLabel("Search or filter requests").fill("no-such-thing");
  await page
    .getByRole("link", { name: /no-such-thing/ })
    .first()
    .click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("404", { exact: true }).waitFor();
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
  await sheet.getByRole("button", { name: "Only those with the same Status" }).click();
  await page.getByRole("table", { name: "Requests" }).getByText("404").first().waitFor();
  expect(address(page)).toContain("data.status");
});

test("the log is followed live, and a bar of the chart narrows it", async () => {
  const page = await open();
  await signIn(page, "/_/logs");
  await page.getByRole("switch", { name: "Live" }).click();
  await page.evaluate(() => fetch("/api/collections/posts/records?marker=here"));
  await page
    .getByRole("link", { name: /marker=here/ })
    .first()
    .waitFor();
  await page.getByRole("switch", { name: "Live" }).click();
  await page.getByRole("toolbar", { name: "Requests over time" }).getByRole("button").last().click();
  await page.waitForURL(/from=/);
  await page
    .getByRole("link", { name: /marker=here/ })
    .first()
    .waitFor();
});

test("what was changed is known, with who did it", async () => {
  const page = await open();
  await signIn(page, "/_/logs?tab=activity");
  await page.getByLabel("Kind").selectOption("settings");
  await page
    .getByRole("table", { name: "Activity" })
    .getByRole("link", { name: /^Settings/ })
    .first()
    .click();
  await page
    .getByRole("dialog")
    .getByRole("region", { name: "What changed" })
    .getByText(/batch/)
    .first()
    .waitFor();
});

test("a job is run by hand, and its history tells", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=jobs");
  await page.getByRole("button", { name: "Run now: __pbLogsCleanup__" }).click();
  await page.getByText("__pbLogsCleanup__ started").waitFor();
  await page.getByRole("button", { name: "History of __pbLogsCleanup__" }).click();
  await page.getByRole("dialog").getByText("by hand").first().waitFor();
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
});

test("a mail server that is not there is told with what was said", async () => {
  const page = await open();
  await signIn(page, "/_/settings");
  const smtp = page.locator("form");
  await smtp.getByLabel("Host", { exact: true }).fill("127.0.0.1");
  await smtp.getByLabel("Port", { exact: true }).fill("9");
  await page.getByRole("switch", { name: "Enabled" }).last().click();
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("The settings are in force").waitFor();
  await page.getByRole("button", { name: "Send a test mail" }).click();
  await page.getByRole("alert").first().waitFor();
  await page.getByRole("region", { name: "What was said" }).waitFor();
});
