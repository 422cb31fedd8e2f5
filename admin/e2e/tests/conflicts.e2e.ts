/**
 * Two people at the same thing, and a session that ends while something is typed. What two people do to one record is in
 * `records-data.e2e.ts`.
 */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { accessibilityProblems, fillSignIn, signIn } from "../harness/browser";
import { signedInApi } from "../harness/seed";
import { seedRecordsAndView } from "../harness/seed-view";
import { address, suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecordsAndView });

test("who saves a definition that somebody else has changed is told, and takes nothing of it away", async () => {
  const page = await open();
  await signIn(page, "/_/collections/invoices");
  await page.getByRole("button", { name: "Settings of paid" }).click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("settled");
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Review and save" }).click();
  const review = page.getByRole("dialog");
  await review.getByText("Field settled").waitFor();

  const api = await signedInApi(server());
  const { fields } = await api.get("/api/collections/invoices");
  await api.patch("/api/collections/invoices", {
    fields: [...(fields as object[]), { name: "remark", type: "text" }],
  });
  await review.getByRole("button", { name: "Save" }).click();
  await review.getByText("Somebody else has changed it meanwhile").waitFor();
  expect(await review.getByRole("list", { name: "Changes" }).getByText("remark").count()).toBe(0);
  expect(await accessibilityProblems(page, ["region"]), "a review that comes too late").toEqual([]);
  await review.getByRole("button", { name: "Save" }).click();
  await page.getByText("invoices is saved").waitFor();
  const after = (await api.get("/api/collections/invoices")).fields as { name: string }[];
  const names = after.map(({ name }) => name);
  expect(names).toContain("remark");
  expect(names).toContain("settled");
});

test("two who change the query of a view are told of each other, and a rename of its table counts too", async () => {
  const api = await signedInApi(server());
  const page = await open();
  await signIn(page, "/_/collections/totals?tab=query");
  await page.getByRole("textbox", { name: "Query" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type("SELECT id, total FROM invoices");
  await page.getByRole("button", { name: "Review and save" }).click();
  const review = page.getByRole("dialog");
  await review.getByText("viewQuery", { exact: true }).waitFor();
  // The view follows, and nothing else of it says so.
  await api.patch("/api/collections/invoices", { name: "bills" });
  await review.getByRole("button", { name: "Save" }).click();
  await review.getByText("Somebody else has changed it meanwhile").waitFor();
  await review.getByRole("button", { name: "Save" }).click();
  await review.getByText(/Invalid query/).waitFor();
  await api.patch("/api/collections/bills", { name: "invoices" });
  await review.getByRole("button", { name: "Save" }).click();
  await review.getByText("Somebody else has changed it meanwhile").waitFor();
  await review.getByRole("button", { name: "Save" }).click();
  await page.getByText("totals is saved").waitFor();
});

test("who deletes a collection that somebody else has just changed is asked again", async () => {
  const api = await signedInApi(server());
  await api.post("/api/collections", { name: "drafts", type: "base", fields: [] });
  const page = await open();
  await signIn(page, "/_/collections/drafts");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete collection" }).click();
  const question = page.getByRole("alertdialog");
  await question.getByLabel("Type drafts to confirm").fill("drafts");
  await api.patch("/api/collections/drafts", { fields: [{ name: "precious", type: "text" }] });
  await question.getByRole("button", { name: "Delete", exact: true }).click();
  await question.getByText(/Nothing is deleted yet/).waitFor();
  expect((await api.get("/api/collections/drafts")).name).toBe("drafts");
  await question.getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("drafts is deleted").waitFor();
});

test("who saves settings that somebody else has changed is asked about the same, and takes nothing else away", async () => {
  const api = await signedInApi(server());
  const page = await open();
  await signIn(page, "/_/settings");
  const name = page.getByLabel("Name", { exact: true });
  await name.fill("Mine");
  await page.getByLabel("Seconds before it is given up").fill("11");
  await api.patch("/api/settings", { meta: { appName: "Theirs" }, batch: { maxRequests: 77 } });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "The settings were changed meanwhile" });
  await dialog
    .getByText("Also changed by others, and kept as it is: Batch requests: Most requests in one")
    .waitFor();
  expect(await accessibilityProblems(page, ["region"]), "settings that were changed").toEqual([]);
  await dialog.getByRole("radio", { name: /Theirs/ }).click();
  await dialog.getByRole("button", { name: "Save this" }).click();
  await page.getByText("The settings are in force").waitFor();
  expect(await name.inputValue()).toBe("Theirs");
  const after = (await api.get("/api/settings")) as Record<string, Record<string, unknown>>;
  expect([after.meta?.appName, after.batch?.maxRequests, after.batch?.timeout]).toEqual(["Theirs", 77, 11]);

  // Of what others have changed there is nothing to ask, where it is not what is saved here.
  await name.fill("Mine again");
  await api.patch("/api/settings", { batch: { maxRequests: 78 } });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.getByRole("button", { name: "Save", exact: true }).waitFor({ state: "detached" });
  expect(await page.getByLabel("Most requests in one").inputValue()).toBe("78");

  // A list is one thing, and who puts it in order does not take away what was added to it.
  await page.goto("/_/settings?tab=topics");
  await page.getByRole("button", { name: "Add a pattern" }).click();
  await page.getByRole("textbox", { name: "Topic" }).fill("rooms/mine");
  const theirs = { subscribeRule: "", publishRule: null, presenceRule: null, pattern: "rooms/theirs" };
  await api.patch("/api/settings", { realtime: { topics: [theirs] } });
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await dialog.getByText(/rooms\/theirs/).waitFor();
  await dialog.getByRole("radio", { name: /Theirs/ }).click();
  await dialog.getByRole("button", { name: "Save this" }).click();
  await dialog.waitFor({ state: "detached" });
  expect(await page.getByRole("textbox", { name: "Topic" }).inputValue()).toBe("rooms/theirs");
});

/** Signs in again, as somebody does in another tab of the same browser. */
async function signInBeside(page: Page): Promise<void> {
  const other = await page.context().newPage();
  await signIn(other, "/_/");
  await other.close();
  // Coming back to the tab is when the dashboard looks whether it is signed in.
  await page.bringToFront();
  await page.evaluate(() => window.dispatchEvent(new Event("visibilitychange")));
}

test("what is typed when the session ends is kept, and saved after signing in beside it", async () => {
  const page = await open();
  await signIn(page, "/_/collections/invoices/records");
  await page.getByRole("link", { name: "New record" }).first().click();
  const panel = page.getByRole("dialog");
  await panel.getByLabel("number", { exact: true }).fill("LATE-1");
  await panel.getByLabel("total", { exact: true }).fill("7");
  await page.context().clearCookies();
  await panel.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Keep editing" }).click();
  await panel.getByText("You are signed out").waitFor();
  expect(await panel.getByLabel("number", { exact: true }).inputValue()).toBe("LATE-1");
  await signInBeside(page);
  await expect
    .poll(
      async () => {
        await panel
          .getByRole("button", { name: "Create" })
          .click({ timeout: 1000 })
          .catch(() => null);
        return page.getByText("Record created").count();
      },
      { timeout: 30_000, interval: 1000 },
    )
    .toBe(1);
});

test("where guests may write, nothing is written by somebody whose session has ended", async () => {
  const api = await signedInApi(server());
  const fields = [{ name: "text", type: "text" }];
  await api.post("/api/collections", { name: "guestbook", type: "base", createRule: "", fields });
  const page = await open();
  await signIn(page, "/_/collections/guestbook/records");
  await page.getByRole("link", { name: "New record" }).first().click();
  const panel = page.getByRole("dialog");
  await panel.getByLabel("text", { exact: true }).fill("in whose name?");
  await page.context().clearCookies();
  await panel.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Keep editing" }).click();
  await panel.getByText("You are signed out").waitFor();
  const { totalItems } = await api.get("/api/collections/guestbook/records");
  expect(totalItems).toBe(0);
});

test("who follows the log when the session ends is led to sign in, and back to it", async () => {
  const page = await open();
  await signIn(page, "/_/logs");
  await page.getByRole("switch", { name: "Live" }).click();
  await page.getByRole("table", { name: "Requests" }).waitFor();
  await page.context().clearCookies();
  await page.getByText("Your session has ended").waitFor();
  await fillSignIn(page);
  await page.getByRole("table", { name: "Requests" }).waitFor();
  expect(address(page)).toBe("/_/logs");
});

test("who has nothing to lose is led to sign in, and back to the same place", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=jobs");
  await page.getByRole("button", { name: "Run now: __pbLogsCleanup__" }).waitFor();
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Run now: __pbLogsCleanup__" }).click();
  await page.getByText("Your session has ended").waitFor();
  await fillSignIn(page);
  await page.getByRole("button", { name: "Run now: __pbLogsCleanup__" }).waitFor();
  expect(address(page)).toBe("/_/settings?tab=jobs");
});
