/** What every screen does when things go wrong: the session has ended, the server cannot answer, and is well again. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { fillSignIn, signIn } from "../harness/browser";
import { screens } from "../harness/screens";
import { signedInApi } from "../harness/seed";
import { address } from "../harness/suite";
import { withPlugins } from "../harness/with-plugins";

const { open, inTabs, server, plugin } = withPlugins();

/** Goes to every screen, in some tabs at once: most of the time is spent on waiting for what is tried again. */
function onEveryScreen(look: (page: Page, path: string, requests: RegExp) => Promise<void>): Promise<void> {
  const begin = async () => {
    const page = await open();
    await signIn(page);
    return page;
  };
  return inTabs(3, screens(plugin("audit")), begin, (page, screen) => look(page, ...screen));
}

test("a session that has ended leads to sign in, and from there back to the same screen", async () => {
  await onEveryScreen(async (page, path) => {
    await page.context().clearCookies();
    await page.goto(path);
    await page.getByRole("heading", { name: "Sign in", level: 1 }).waitFor();
    await fillSignIn(page);
    await page.locator("h1").waitFor();
    await page.waitForURL(path);
    expect(address(page)).toBe(path);
  });
});

const refusal = JSON.stringify({ status: 500, message: "Something went wrong.", data: {} });

/** Answers what a screen asks for with a failure, until it is told to stop. */
async function fail(page: Page, requests: RegExp): Promise<() => Promise<void>> {
  const headers = { "X-Request-Id": "req-of-the-test" };
  await page.route(requests, (route) =>
    route.request().method() === "GET"
      ? route.fulfill({ status: 500, headers, contentType: "application/json", body: refusal })
      : route.continue(),
  );
  return () => page.unroute(requests);
}

test("a screen whose data does not come says so with the request, and shows it after another try", async () => {
  await onEveryScreen(async (page, path, requests) => {
    const mend = await fail(page, requests);
    await page.goto(path);
    const retry = page.getByRole("main").getByRole("button", { name: "Try again" });
    await retry
      .first()
      .waitFor()
      .catch((error) => {
        throw new Error(`${path} does not say that its data did not come: ${error}`);
      });
    expect(await page.getByText(/req-of-the-test/).count(), path).toBeGreaterThan(0);
    await mend();
    // Several views of a screen may have failed; each has its own way back.
    while ((await retry.count()) > 0) {
      // One that comes back by itself takes its button along.
      await retry
        .first()
        .click({ timeout: 1_000 })
        .catch(() => undefined);
    }
    await page
      .getByText(/req-of-the-test/)
      .first()
      .waitFor({ state: "detached" });
    expect(address(page)).toBe(path);
  });
});

test("a name that is taken is refused at its field, when a collection is made", async () => {
  const page = await open();
  await signIn(page, "/_/collections?create=yes");
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("posts");
  await dialog.getByRole("button", { name: "Create" }).click();
  await dialog.locator("[aria-invalid=true]").waitFor();
  await dialog.getByLabel("Name", { exact: true }).fill("notes");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "notes", level: 1 }).waitFor();
});

test("another session is ended, and who had it has to sign in again", async () => {
  const [page, other] = [await open(), await open()];
  await signIn(other, "/_/logs");
  await signIn(page, "/_/settings?tab=sessions");
  await page.getByText("this one").waitFor();
  // That of the data's seed is among them.
  const ends = page.getByRole("button", { name: /^End the session from/ });
  await ends.first().waitFor();
  for (let left = await ends.count(); left > 0; left -= 1) {
    await ends.first().click();
    await expect.poll(() => ends.count(), { timeout: 30_000 }).toBe(left - 1);
  }
  await other.goto("/_/plugins");
  await other.getByRole("heading", { name: "Sign in", level: 1 }).waitFor();
});

test("a plugin that fails or refuses a write says so, and not the server", async () => {
  const api = await signedInApi(server());
  const page = await open();
  // What slugify needs is a title, and what it writes a slug.
  const fields = [{ name: "title", type: "text" }];
  await api.post("/api/collections", { name: "drafts", type: "base", fields });
  for (const collection of ["drafts", "invoices"])
    await api.post(`/api/plugins/${plugin("slugs")}/attachments`, { collection, hooks: ["beforeCreate"] });
  await signIn(page, "/_/collections/drafts/records");
  const sheet = page.getByRole("dialog");
  const create = async (label: string) => {
    await page.getByRole("link", { name: "New record" }).first().click();
    await sheet.getByLabel(label).fill("F-1");
    await sheet.getByRole("button", { name: "Create" }).click();
  };
  const leave = async () => {
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Discard" }).click();
    await sheet.waitFor({ state: "detached" });
  };
  await create("title");
  await sheet.getByRole("alert").getByText("A plugin failed").waitFor();
  await leave();
  await page.goto("/_/collections/invoices/records");
  await create("number");
  await sheet.getByRole("alert").getByText("title Cannot be blank.").waitFor();
  await leave();
});
