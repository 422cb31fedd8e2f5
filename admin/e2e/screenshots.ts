/**
 * Pictures of every screen and of its states, in both themes and at phone width, against the real server, to be looked at.
 * They go to `screenshots/`, which git ignores.
 */
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, test } from "vitest";
import { openBrowser, signIn } from "./harness/browser";
import { folder, shootWith, type Take } from "./harness/camera";
import { seedRecords, signedInApi } from "./harness/seed";
import { Server } from "./harness/server";

let browser: Browser;
let server: Server;
let fresh: Server;

beforeAll(async () => {
  [browser, server, fresh] = await Promise.all([
    openBrowser(),
    Server.start(),
    Server.start({ account: false }),
  ]);
});

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await fresh?.stop();
});

const shootAll = (take: Take) => shootWith(browser, server, take);

test("before signing in", async () => {
  const link = await fresh.setupLink();
  await shootAll(async (page, shoot) => {
    await page.goto("/_/");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await shoot("login");
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password", { exact: true }).fill("not the password");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").waitFor();
    await shoot("login-wrong");
    await page.route("**/api/admin/session", (route) => route.abort());
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("does not answer").waitFor();
    await shoot("login-server-down");
    await page.unrouteAll();
    await page.goto(link);
    await page.getByLabel("E-mail").fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("short");
    await page.getByLabel("Password again").fill("shorter");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByText("not an e-mail address").waitFor();
    await shoot("setup-invalid");
    await page.goto(`${fresh.url}/_/setup?token=no-such-token`);
    await page.getByLabel("E-mail").fill("ada@example.com");
    await page.getByLabel("Password", { exact: true }).fill("a long enough password");
    await page.getByLabel("Password again").fill("a long enough password");
    await page.getByRole("button", { name: "Create account" }).click();
    await page.getByRole("alert").waitFor();
    await shoot("setup-refused");
    await page.goto(`${fresh.url}/_/setup`);
    await page.getByText("incomplete").waitFor();
    await shoot("setup-incomplete");
  });
});

test("with nothing in it", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/plugins");
    await page.getByText("No plugins yet").waitFor();
    await shoot("plugins-empty");
    await page.route("**/api/collections*", (route) =>
      route.fulfill({ json: { page: 1, perPage: 200, totalItems: 0, totalPages: 0, items: [] } }),
    );
    await page.goto("/_/collections");
    await page.getByText("No collections yet").waitFor();
    await shoot("collections-empty");
    await page.unrouteAll();
    await page.route("**/api/collections*", (route) =>
      route.fulfill({
        status: 500,
        headers: { "X-Request-Id": "r7m2kq0v9x1c5t8" },
        json: { status: 500, message: "Something went wrong.", data: {} },
      }),
    );
    await page.goto("/_/collections");
    await page.getByText("The server failed").waitFor();
    await shoot("collections-error");
    await page.unrouteAll();
    await page.route("**/api/collections*", () => {});
    await page.goto("/_/collections");
    await page.waitForTimeout(600);
    await page.screenshot({ path: join(folder, "last-loading.png") });
    await page.goto("/_/no/such/page");
    await page.getByRole("heading", { name: "There is no page here" }).waitFor();
    await shoot("missing");
  });
});

test("collections", async () => {
  await seedRecords(server);
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections");
    await page.getByRole("link", { name: "posts", exact: true }).waitFor();
    await shoot("collections");
    await page.getByLabel("System collections").click();
    await page.getByText("_superusers").waitFor();
    await shoot("collections-system");
    await page.getByLabel("Search collections").fill("nothing like it");
    await page.getByText("Nothing matches").waitFor();
    await shoot("collections-no-match");
    await page.goto("/_/collections?create=yes");
    await page.getByRole("dialog").waitFor();
    await shoot("collection-new");
    await page.goto("/_/collections/posts");
    await page.getByText("moderation").waitFor();
    await shoot("collection-fields");
    await page.getByRole("button", { name: "Settings of status" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot("collection-field");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Add a field" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot("collection-field-kinds");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Remove slug" }).click();
    await shoot("collection-changed");
    await page.getByRole("button", { name: "Review and save" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot("collection-review");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("tab", { name: "Rules" }).click();
    await page.getByRole("region", { name: "List" }).waitFor();
    await shoot("collection-rules");
    await page.getByRole("button", { name: "Try it as…" }).first().click();
    await page.getByRole("dialog").waitFor();
    await shoot("collection-rule-try");
    await page.goto("/_/collections/members?tab=indexes");
    await page.getByRole("list", { name: "Indexes" }).waitFor();
    await shoot("collection-indexes");
    await page.goto("/_/collections/members?tab=options");
    await page.getByText("One-time password").waitFor();
    await shoot("collection-options");
    await page.goto("/_/collections/nothing");
    await page.getByText("There is no collection").waitFor();
    await shoot("collection-missing");
  });
});

test("records", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections/posts/records");
    await page.getByText("What an index costs").waitFor();
    await shoot("records");
    await page.goto("/_/collections/posts/records?filter=nope+%3D+1");
    await page.getByText("The filter cannot be read").waitFor();
    await shoot("records-bad-filter");
    await page.goto("/_/collections/posts/records");
    await page
      .getByRole("link", { name: /What an index costs|^[a-z0-9]{15}$/ })
      .first()
      .click();
    await page.getByRole("dialog").getByLabel("title").waitFor();
    await shoot("record");
    await page.getByRole("dialog").getByLabel("title").fill("x");
    await page.keyboard.press("Control+s");
    await page.getByText(/at least 3 character/i).waitFor();
    await shoot("record-refused");
    await page.keyboard.press("Escape");
    await page.getByRole("alertdialog").waitFor();
    await shoot("record-unsaved");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.goto("/_/collections/posts/records?record=new");
    await page.getByRole("button", { name: "Choose a record" }).click();
    await page.getByRole("option", { name: /Ada/ }).waitFor();
    await shoot("record-relation");
    await page.goto("/_/collections/comments/records");
    await page.getByText("No records yet").waitFor();
    await shoot("records-empty");
    await page.goto("/_/collections/invoices/records?sort=number");
    await page.getByText("2026-0001").waitFor();
    const boxes = await page.getByRole("checkbox", { name: /^Select [a-z0-9]{15}$/ }).all();
    for (const box of boxes.slice(0, 3)) await box.click();
    await shoot("records-selected");
  });
});

test("home, realtime, SQL, settings, palette", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/");
    await page.getByRole("list", { name: "Totals" }).waitFor();
    await shoot("home");
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Search pages, collections and actions").waitFor();
    await shoot("palette");
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    await page.getByRole("dialog").waitFor();
    await shoot("shortcuts");
    await page.goto("/_/realtime");
    await page.getByText("Nothing is watched yet").waitFor();
    await shoot("realtime-empty");
    await page.goto("/_/realtime?topic=invoices/*");
    await page.getByText("Listening", { exact: true }).waitFor();
    const api = await signedInApi(server);
    const made = await api.post("/api/collections/invoices/records", { number: "L-1", total: 5 });
    await api.patch(`/api/collections/invoices/records/${made.id}`, { total: 7, paid: true });
    const events = page.getByRole("list", { name: "Events" });
    await events.getByText("Updated").click();
    await shoot("realtime");
    await page.goto("/_/sql");
    await page.getByRole("button", { name: "invoices" }).click();
    await page.getByRole("button", { name: "Run", exact: true }).click();
    await page.getByRole("table", { name: "Result" }).waitFor();
    await shoot("sql");
    await page.goto("/_/settings");
    await page.getByRole("heading", { name: "Batch requests" }).waitFor();
    await shoot("settings");
    await page.goto("/_/settings?tab=superusers");
    await page.getByText("you", { exact: true }).waitFor();
    await shoot("superusers");
    await page.goto("/_/settings?tab=sessions");
    await page.getByText("this one").first().waitFor();
    await shoot("sessions");
  });
});
