/** The server goes away while somebody is at work: no screen breaks, nothing that was typed is lost, and all goes on when it is back. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { signIn } from "../harness/browser";
import { allCode, atRest } from "../harness/rest";
import { screens } from "../harness/screens";
import { pluginFile, superuser } from "../harness/server";
import { withPlugins } from "../harness/with-plugins";

const { open, server, plugin } = withPlugins();

/** Goes on as a link does: the document stays, which no server could send now. */
const follow = (page: Page, path: string) => page.evaluate((to) => history.pushState(null, "", to), path);

test("every screen that is gone to meanwhile says that there is no answer, and fills when the server is back", async () => {
  const page = await open();
  // A page that knows nothing yet but who is there; the code of the others is fetched once it stands.
  await signIn(page, "/_/no/such/page");
  await allCode(page);
  await server().halt();
  const main = page.getByRole("main");
  const retry = main.getByRole("button", { name: "Try again" });
  for (const [path] of screens(plugin("audit"))) {
    await follow(page, path);
    await retry
      .first()
      .waitFor()
      .catch((error) => {
        throw new Error(`${path} does not say that the server is away: ${error}`);
      });
    await main.getByText("The server does not answer").locator("visible=true").first().waitFor();
    await page.getByText("Connection to the server lost.").waitFor();
    expect(await page.getByText("This page broke").count(), path).toBe(0);
  }
  await server().resume();
  await page.getByRole("button", { name: "Retry now" }).click();
  await page.getByText("Connection to the server lost.").waitFor({ state: "detached" });
  for (const [path] of screens(plugin("audit"))) {
    await follow(page, path);
    await atRest(page);
    await expect.poll(() => retry.count(), { message: path, timeout: 20_000 }).toBe(0);
  }
});

/** Ends what changes something before it leaves the machine, until it is told to stop. */
async function cutOff(page: Page): Promise<() => Promise<void>> {
  await page.route("**/api/**", (route) =>
    route.request().method() === "GET" ? route.continue() : route.abort("connectionrefused"),
  );
  return () => page.unroute("**/api/**");
}

interface Write {
  path: string | (() => string);
  /** Fills in what is sent. */
  type: (page: Page) => Promise<unknown>;
  send: (page: Page) => Promise<unknown>;
  /** What shows that it got through. */
  done: (page: Page) => Promise<unknown>;
}

const press = (page: Page, name: string) => page.getByRole("button", { name, exact: true }).last().click();
const field = (page: Page, name: string) => page.getByLabel(name, { exact: true }).last();
const dialog = (page: Page) => page.getByRole("dialog");
const saved = (page: Page) => page.getByText("The settings are in force").waitFor();

const typeQuery = async (page: Page, query: string) => {
  await page.getByRole("textbox", { name: "Query" }).click();
  await page.keyboard.press("Control+a");
  await page.keyboard.type(query);
};

const writes: Record<string, Write> = {
  "a new collection": {
    path: "/_/collections?create=yes",
    type: (page) => field(page, "Name").fill("away"),
    send: (page) => press(page, "Create"),
    done: (page) => page.getByRole("heading", { name: "away", level: 1 }).waitFor(),
  },
  "a definition": {
    path: "/_/collections/comments",
    type: async (page) => {
      await page.getByRole("button", { name: "Remove spam" }).click();
      await press(page, "Review and save");
    },
    send: (page) => press(page, "Save"),
    done: (page) => page.getByText("comments is saved").waitFor(),
  },
  "the query of a view": {
    path: "/_/collections/totals?tab=query",
    type: async (page) => {
      await typeQuery(page, "SELECT id, total FROM invoices");
      await page
        .getByRole("table", { name: "Preview" })
        .getByRole("columnheader", { name: /total/ })
        .waitFor();
      await press(page, "Review and save");
    },
    send: (page) => press(page, "Save"),
    done: (page) => page.getByText("totals is saved").waitFor(),
  },
  "an import of definitions": {
    path: "/_/collections",
    type: async (page) => {
      await press(page, "Import and export");
      await page.getByRole("menuitem", { name: "Import from JSON" }).click();
      const definitions = [{ name: "imported_late", type: "base", fields: [] }];
      await page.getByLabel("File of definitions").setInputFiles({
        name: "collections.json",
        mimeType: "application/json",
        buffer: Buffer.from(JSON.stringify(definitions)),
      });
    },
    send: (page) => press(page, "Import 1 collection"),
    done: (page) => page.getByText("1 collection imported").waitFor(),
  },
  "an emptied log": {
    path: "/_/logs",
    type: (page) => press(page, "Empty the log"),
    send: (page) => page.getByRole("alertdialog").getByRole("button", { name: "Empty the log" }).click(),
    done: (page) => page.getByText("Log emptied").waitFor(),
  },
  "a record": {
    path: "/_/collections/invoices/records?record=new",
    type: async (page) => {
      await field(page, "number").fill("AWAY-1");
      await field(page, "total").fill("3");
    },
    send: (page) => press(page, "Create"),
    done: (page) => page.getByText("Record created").waitFor(),
  },
  "the general settings": {
    path: "/_/settings",
    type: (page) => field(page, "Sender’s name").fill("Away"),
    send: (page) => press(page, "Save"),
    done: saved,
  },
  "the storage": {
    path: "/_/settings?tab=storage",
    type: (page) => field(page, "Region").fill("away-1"),
    send: (page) => press(page, "Save"),
    done: saved,
  },
  "the schedule of backups": {
    path: "/_/settings?tab=backups",
    type: (page) => field(page, "How many to keep").fill("4"),
    send: (page) => press(page, "Save"),
    done: saved,
  },
  "the database sync": {
    path: "/_/settings?tab=sync",
    type: (page) => field(page, "Server address").fill("https://away.example.com"),
    send: (page) => press(page, "Save"),
    done: saved,
  },
  "the rate limits": {
    path: "/_/settings?tab=limits",
    type: async (page) => {
      await press(page, "Add a rule");
      await field(page, "For").fill("posts:list");
    },
    send: (page) => press(page, "Save"),
    done: (page) => page.getByText("The limits are in force").waitFor(),
  },
  "the topics": {
    path: "/_/settings?tab=topics",
    type: (page) => press(page, "Add a pattern").then(() => field(page, "Topic").fill("news")),
    send: (page) => press(page, "Save"),
    done: (page) => page.getByText("The topics are in force").waitFor(),
  },
  "a superuser": {
    path: "/_/settings?tab=superusers",
    type: async (page) => {
      await press(page, "Add a superuser");
      await dialog(page).getByLabel("E-mail").fill("away@example.com");
      await dialog(page).getByLabel("Password", { exact: true }).fill(superuser.password);
    },
    send: (page) => press(page, "Add a superuser"),
    done: (page) => page.getByRole("link", { name: "away@example.com" }).waitFor(),
  },
  "an API key": {
    path: "/_/settings?tab=keys",
    type: async (page) => {
      await press(page, "New API key");
      await field(page, "Name").fill("away");
      await field(page, "Collection").selectOption("invoices");
      await press(page, "Add");
    },
    send: (page) => press(page, "Make the key"),
    done: (page) => page.getByRole("dialog", { name: "The key “away”" }).waitFor(),
  },
  "a backup": {
    path: "/_/settings?tab=backups",
    type: (page) => page.getByRole("button", { name: "Make a backup" }).waitFor(),
    send: (page) => press(page, "Make a backup"),
    done: (page) => page.getByRole("button", { name: /^Restore / }).waitFor(),
  },
  "a job": {
    path: "/_/settings?tab=jobs",
    type: (page) => page.getByRole("button", { name: "Run now: __pbLogsCleanup__" }).waitFor(),
    send: (page) => press(page, "Run now: __pbLogsCleanup__"),
    done: (page) => page.getByText("__pbLogsCleanup__ started").waitFor(),
  },
  "an upload of a plugin": {
    path: "/_/plugins",
    type: (page) => page.getByRole("heading", { name: "Plugins", exact: true }).waitFor(),
    send: (page) => page.getByLabel("Plugin file").setInputFiles(pluginFile("feed")),
    done: (page) => page.getByRole("heading", { name: "Inspection" }).waitFor(),
  },
  "an attachment": {
    path: () => `/_/plugins/${plugin("slugs")}?tab=runs`,
    type: async (page) => {
      await press(page, "Attach to a collection");
      await dialog(page).getByRole("combobox", { name: "Collection" }).click();
      await page.getByRole("option", { name: "invoices" }).click();
    },
    send: (page) => press(page, "Attach"),
    done: (page) => page.getByRole("row", { name: /invoices/ }).waitFor(),
  },
  "a trial": {
    path: () => `/_/plugins/${plugin("slugs")}?tab=test&collection=posts&hook=beforeCreate`,
    type: (page) => page.getByText("Nothing has run yet").waitFor(),
    send: (page) => press(page, "Run the hook"),
    done: (page) => page.getByText("What it used").waitFor(),
  },
  grants: {
    path: () => `/_/plugins/${plugin("audit")}?tab=grants`,
    type: (page) => page.getByRole("checkbox", { name: "View" }).first().click(),
    send: (page) => press(page, "Save grants"),
    done: (page) => page.getByText("The grants are in force").waitFor(),
  },
  "a message": {
    path: "/_/realtime",
    type: async (page) => {
      await page.getByText("Say something on a topic").click();
      await field(page, "Topic to speak on").fill("rooms/away");
    },
    send: (page) => press(page, "Say it"),
    done: (page) => page.getByText("It was said on rooms/away").waitFor(),
  },
};

test("a preview of a view that does not come is said to be missing, and asked for again", async () => {
  const page = await open();
  await signIn(page, "/_/collections/totals?tab=query");
  const table = page.getByRole("table", { name: "Preview" });
  await table.waitFor();
  const mend = await cutOff(page);
  await typeQuery(page, "SELECT id, paid FROM invoices");
  await page.getByText("The server does not answer").waitFor();
  await mend();
  await press(page, "Try again");
  await table.getByRole("columnheader", { name: /paid/ }).waitFor();
  await press(page, "Discard");
});

test("the log that is followed live goes on when the server is back, and one request of it too", async () => {
  const page = await open();
  await signIn(page, "/_/logs");
  await page.getByRole("switch", { name: "Live" }).click();
  await page.getByRole("table", { name: "Requests" }).waitFor();
  await server().halt();
  await page.getByText("Connection to the server lost.").waitFor();
  // The rows that were there stay.
  await page.getByRole("table", { name: "Requests" }).getByRole("link").first().click();
  const sheet = page.getByRole("dialog");
  await sheet.getByText("The server does not answer").waitFor();
  await server().resume();
  // The live list finds that it is back, and what had failed is asked for again.
  await sheet
    .getByText("GET", { exact: true })
    .or(sheet.getByText("POST", { exact: true }))
    .waitFor();
  await page.keyboard.press("Escape");
  await page.evaluate(() => fetch("/api/collections/posts/records?marker=back"));
  await page
    .getByRole("link", { name: /marker=back/ })
    .first()
    .waitFor();
  await page.getByText("Connection to the server lost.").waitFor({ state: "detached" });
});

test.each(Object.entries(writes))(
  "%s that does not get through is told, and sent again as it was",
  async (_, write) => {
    const { path, type, send, done } = write;
    const page = await open();
    await signIn(page, typeof path === "string" ? path : path());
    await type(page);
    const mend = await cutOff(page);
    await send(page);
    await page.getByText("The server does not answer").first().waitFor();
    await mend();
    await send(page);
    await done(page);
  },
);
