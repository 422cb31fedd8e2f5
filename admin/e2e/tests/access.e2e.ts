/** Keys for programs, the limits on what clients may ask, and the topics that they talk on. */
import { expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { seedRecords, signedInApi } from "../harness/seed";
import { suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecords });

test("a key is made, opens what its scopes say, is exchanged and revoked", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=keys");
  await page.getByRole("tab", { name: "API keys", selected: true }).waitFor();
  await page.getByRole("button", { name: "New API key" }).click();
  const sheet = page.getByRole("dialog", { name: "New API key" });
  await sheet.getByRole("button", { name: "Make the key" }).click();
  // Nothing was filled in: the server says so at each field.
  await sheet.locator("[id$=-error]").first().waitFor();
  await sheet.getByLabel("Name").fill("nightly export");
  await sheet.getByLabel("Collection", { exact: true }).selectOption("invoices");
  await sheet.getByRole("button", { name: "Add", exact: true }).click();
  await sheet.getByText("invoices:list").waitFor();
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
  await sheet.getByRole("button", { name: "Make the key" }).click();
  const told = page.getByRole("dialog", { name: "The key “nightly export”" });
  const key = await told.locator("code").first().innerText();
  expect(await accessibilityProblems(page, ["region"])).toEqual([]);
  const ask = async (collection: string, secret: string) => {
    const path = `${server().url}/api/collections/${collection}/records`;
    return (await fetch(path, { headers: { Authorization: `Bearer ${secret}` } })).status;
  };
  expect([await ask("invoices", key), await ask("posts", key)]).toEqual([200, 403]);
  await told.getByRole("button", { name: "I have kept it" }).click();

  await page.getByRole("button", { name: "Exchange nightly export" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Exchange" }).click();
  const other = await told.locator("code").first().innerText();
  expect([await ask("invoices", key), await ask("invoices", other)]).toEqual([401, 200]);
  await told.getByRole("button", { name: "I have kept it" }).click();

  await page.getByRole("button", { name: "Revoke nightly export" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Revoke" }).click();
  await page.getByText("No API keys yet").waitFor();
  expect(await ask("invoices", other)).toBe(401);
});

test("limits are set, and one that makes no sense is refused at its place", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=limits");
  await page.getByRole("button", { name: "Add a rule" }).click();
  const last = page.getByRole("list", { name: "Rules" }).getByRole("listitem").last();
  await last.getByLabel("For").fill("no such thing");
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await last.locator("[id$=-error]").waitFor();
  await last.getByLabel("For").fill("posts:list");
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("The limits are in force").waitFor();
  await page.reload();
  await page.locator('input[value="posts:list"]').waitFor();
});

test("topics get their rules, and one that cannot be is refused at its place", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=topics");
  await page.getByRole("button", { name: "Add a pattern" }).click();
  const pattern = page.getByRole("group", { name: "Pattern 1" });
  await pattern.getByLabel("Topic", { exact: true }).fill("rooms/{room");
  await pattern.getByLabel("Who listens", { exact: true }).selectOption({ label: "Everyone" });
  await pattern.getByLabel("Who speaks", { exact: true }).selectOption({ label: "By rule" });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await pattern.locator("[id$=-error]").waitFor();
  await pattern.getByLabel("Topic", { exact: true }).fill("rooms/{room}");
  expect(await accessibilityProblems(page)).toEqual([]);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByText("The topics are in force").waitFor();
  await page.reload();
  await page.locator('input[value="rooms/{room}"]').waitFor();
  const { realtime } = await (await signedInApi(server())).get("/api/settings");
  expect(realtime).toEqual({
    topics: [
      {
        pattern: "rooms/{room}",
        subscribeRule: "",
        publishRule: '@request.auth.id != ""',
        presenceRule: null,
      },
    ],
  });
});
