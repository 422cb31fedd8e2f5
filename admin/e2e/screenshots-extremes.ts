/** Pictures of what screens are not drawn for: sixty collections, forty fields, texts without an end, and what is open or has gone wrong. */
import { test } from "vitest";
import { signIn } from "./harness/browser";
import { album } from "./harness/camera";
import { signedInApi } from "./harness/seed";
import { longName, seedExtremes } from "./harness/seed-extremes";

const { server, shootAll } = album();

test("very many and very long", async () => {
  await seedExtremes(server());
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections");
    await page.getByRole("link", { name: longName, exact: true }).waitFor();
    await shoot("extreme-collections");
    await page.goto("/_/");
    await page.getByRole("list", { name: "Totals" }).waitFor();
    await shoot("extreme-home", { still: true, whole: true });
    await page.goto("/_/collections/everything");
    await page.getByText("geoPoint_32").waitFor();
    await shoot("extreme-fields", { whole: true });
    await page.goto("/_/collections/everything/records");
    await page
      .getByText("Row 2000")
      .or(page.getByText("Row 1", { exact: true }))
      .first()
      .waitFor();
    await shoot("extreme-records");
    await page.getByRole("button", { name: "Columns" }).click();
    await shoot("extreme-columns");
    await page.keyboard.press("Escape");
    await page.goto("/_/collections/everything/records?record=new");
    await page.getByRole("dialog").getByLabel("title").waitFor();
    await shoot("extreme-record-new");
    await page.goto("/_/collections/everything/records?filter=title+%3D+%22none%22");
    await page.getByText("Nothing matches").waitFor();
    await shoot("records-no-match");
    await page.goto(`/_/collections/${longName}`);
    await page.getByRole("button", { name: "Settings of data" }).waitFor();
    await shoot("extreme-long-fields");
    await page.goto(`/_/collections/${longName}/records`);
    await page
      .getByText(/averyvery/)
      .first()
      .waitFor();
    await shoot("extreme-long-records");
    await page
      .getByRole("link", { name: /averyvery|^[a-z0-9]{15}$/ })
      .last()
      .click();
    await page.getByRole("dialog").getByLabel("text", { exact: true }).waitFor();
    await shoot("extreme-long-record");
    await page.goto("/_/settings?tab=superusers");
    await page
      .getByText(/somebody\.with/)
      .first()
      .waitFor();
    await shoot("extreme-superusers");
    await page.goto("/_/collections/everything/records");
    await page.getByText("Row 1", { exact: true }).first().waitFor();
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Search pages, collections and actions").fill("customer");
    await shoot("extreme-palette", { still: true });
  });
});

test("the SQL console", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/sql");
    const run = async (statement: string) => {
      await page.locator(".cm-content, textarea").first().click();
      await page.keyboard.press("Control+a");
      await page.keyboard.insertText(statement);
      await page.getByRole("button", { name: "Run", exact: true }).click();
    };
    await run("SELECT id, title, lost FROM everything");
    await page.getByText(/no such column/).waitFor();
    await shoot("sql-error");
    await run("SELECT * FROM everything");
    await page.getByRole("table", { name: "Result" }).waitFor();
    await shoot("sql-wide", { whole: true });
    await run("SELECT id FROM everything WHERE title = ''");
    await page.getByText("No rows").first().waitFor();
    await shoot("sql-empty");
    await run("DELETE FROM everything");
    await page.getByText("Writing is not allowed here").waitFor();
    await shoot("sql-write-off");
  });
});

test("what has gone wrong", async () => {
  const pages: [name: string, path: string, asked: string][] = [
    ["home", "/_/", "**/api/collections?*"],
    ["collection", "/_/collections/posts", "**/api/collections?*"],
    ["records", "/_/collections/posts/records", "**/api/collections/posts/records?*"],
    ["plugins", "/_/plugins", "**/api/plugins?*"],
    ["logs", "/_/logs", "**/api/logs?*"],
    ["settings", "/_/settings", "**/api/settings?*"],
    ["backups", "/_/settings?tab=backups", "**/api/backups"],
    ["clients", "/_/realtime?tab=clients", "**/api/realtime/clients?*"],
  ];
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/no/such/page");
    for (const [name, path, asked] of pages) {
      await page.route(asked, (route) =>
        route.fulfill({
          status: 500,
          headers: { "X-Request-Id": "r7m2kq0v9x1c5t8" },
          json: { status: 500, message: "Something went wrong.", data: {} },
        }),
      );
      await page.goto(path);
      await page.getByText("The server failed").first().waitFor();
      await shoot(`error-${name}`, { still: true });
      await page.unrouteAll();
    }
    await page.goto("/_/settings");
    await page.getByLabel("Name", { exact: true }).fill("Acme");
    await page.getByLabel("Address", { exact: true }).fill("nonsense");
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText(/URL/).first().waitFor();
    await shoot("error-settings-refused");
    await page.route("**/api/**", (route) => route.abort("connectionrefused"));
    await page.getByRole("button", { name: "Save" }).click();
    await page.getByText("does not answer").first().waitFor();
    await shoot("error-settings-away", { still: true });
    await page.unrouteAll();
  });
});

test("what is open", async () => {
  const api = await signedInApi(server());
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections/posts");
    await page.getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menu").waitFor();
    await shoot("open-collection-menu");
    await page.keyboard.press("Escape");
    await page.goto("/_/collections/posts/records");
    await page
      .getByRole("link", { name: /^[a-z0-9]{15}$|Realtime without tears/ })
      .first()
      .click();
    await page.getByRole("dialog").getByLabel("title").waitFor();
    await page.getByRole("dialog").getByRole("button", { name: "More actions" }).click();
    await page.getByRole("menu").waitFor();
    await shoot("open-record-menu");
    await page.keyboard.press("Escape");
    await page.goto("/_/realtime?topic=invoices/*");
    await page.getByText("Listening", { exact: true }).waitFor();
    for (let index = 0; index < 14; index += 1)
      await api.post("/api/collections/invoices/records", { number: `L-${index}`, total: index + 1 });
    await shoot("realtime-many", { whole: true });
    await page.goto("/_/settings?tab=backups");
    await page
      .getByRole("button", { name: /Back up now|Make a backup/ })
      .first()
      .click();
    await shoot("open-backup", { still: true });
    await page.goto("/_/settings?tab=jobs");
    await page.getByText("__pbLogsCleanup__").first().waitFor();
    await shoot("jobs-whole", { whole: true });
  });
});
