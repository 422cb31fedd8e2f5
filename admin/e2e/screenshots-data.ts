/** Pictures of editing in the table, of conflicts and files, and of the logs; the other screens are in `screenshots.ts`. */
import { test } from "vitest";
import { signIn } from "./harness/browser";
import { album } from "./harness/camera";
import { signedInApi } from "./harness/seed";

const { server, shootAll } = album();
const csv = "Invoice no.,total,paid\n2026-A,12.5,true\n2026-B,-3,false\n2026-C,x,false\n";

test("many records and files", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections/invoices/records?sort=number");
    await page.getByText("2026-0001").waitFor();
    const grid = page.getByRole("grid");
    if (await grid.isVisible()) {
      await grid.getByText("2026-0002").dblclick();
      await grid.page().keyboard.press("Escape");
      await grid.locator('[data-cell="1:2"]').dblclick();
      await page.getByRole("dialog", { name: "Edit total" }).waitFor();
      await shoot("record-cell");
      await page.keyboard.press("Escape");
      await page.getByLabel("Select all records of this page").click();
      await page.getByRole("button", { name: "Edit", exact: true }).click();
      await page.getByRole("dialog").waitFor();
      await shoot("records-bulk");
      await page.keyboard.press("Escape");
    }
    await page.getByRole("button", { name: "Data" }).click();
    await page.getByRole("menuitem", { name: "Import records…" }).waitFor();
    await shoot("records-data-menu");
    await page.getByRole("menuitem", { name: "Import records…" }).click();
    await page.getByRole("dialog").waitFor();
    await shoot("records-import");
    await page
      .getByLabel("File to import")
      .setInputFiles({ name: "invoices.csv", mimeType: "text/csv", buffer: Buffer.from(csv) });
    await page.getByLabel("Field for Invoice no.").selectOption("number");
    await shoot("records-import-mapping");
    await page.getByRole("button", { name: "Try it out" }).click();
    await page.getByText("3 rows tried, nothing written").scrollIntoViewIfNeeded();
    await shoot("records-import-tried");
  });
});

test("two people at one record", async () => {
  const api = await signedInApi(server());
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/collections/posts/records");
    await page
      .getByRole("link", { name: /^[a-z0-9]{15}$|Realtime without tears/ })
      .first()
      .click();
    const title = page.getByRole("dialog").getByLabel("title");
    await title.waitFor();
    const before = await title.inputValue();
    await title.fill("Realtime, and no tears at all");
    await page.getByRole("dialog").getByLabel("status").selectOption("review");
    const id = new URL(page.url()).searchParams.get("record");
    await api.patch(`/api/collections/posts/records/${id}`, {
      title: "Realtime for everybody",
      rating: 2,
      status: "draft",
    });
    await page.keyboard.press("Control+s");
    await page.getByText("This record was changed meanwhile").waitFor();
    await shoot("record-conflict");
    await api.patch(`/api/collections/posts/records/${id}`, { title: before, status: "published" });
  });
});

test("logs", async () => {
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/logs");
    await page.getByRole("link", { name: /GET/ }).first().waitFor();
    await shoot("logs");
    await page.getByRole("link", { name: /POST/ }).first().click();
    await page.getByRole("dialog").getByText("Request id").waitFor();
    await shoot("log");
    await page.goto("/_/logs?filter=nothing-like-it");
    await page.getByText("Nothing matches").waitFor();
    await shoot("logs-no-match");
    await page.goto("/_/logs?tab=activity");
    await page
      .getByRole("link", { name: /Record/ })
      .first()
      .click();
    await page.getByRole("dialog").getByText("What changed").waitFor();
    await shoot("activity-entry");
    await page.keyboard.press("Escape");
    await shoot("activity");
  });
});

test("keys, limits, jobs, mail", async () => {
  const api = await signedInApi(server());
  await api.post("/api/keys", {
    name: "nightly export",
    scopes: ["posts:list", "posts:view", "invoices:*", "logs", "schema"],
    readOnly: true,
    ips: ["10.0.0.0/8"],
  });
  await shootAll(async (page, shoot) => {
    await signIn(page, "/_/settings?tab=keys");
    await page.getByText("nightly export").first().waitFor();
    await shoot("keys");
    await page.getByRole("button", { name: "New API key" }).click();
    await page.getByRole("dialog").getByLabel("Name").fill("deploy");
    await page.getByRole("button", { name: "Add", exact: true }).click();
    await shoot("key-new");
    await page.getByRole("dialog").getByRole("button", { name: "Make the key" }).click();
    await page.getByText("This is shown once").waitFor();
    await shoot("key-told");
    await page.goto("/_/settings?tab=limits");
    await page.getByRole("list", { name: "Rules" }).waitFor();
    await shoot("limits");
    await page.goto("/_/settings?tab=topics");
    await page.getByText("No patterns").waitFor();
    await page.getByRole("button", { name: "Add a pattern" }).click();
    await page.getByRole("textbox", { name: "Topic" }).fill("rooms/{room}");
    await page.getByLabel("Who speaks", { exact: true }).selectOption({ label: "By rule" });
    await shoot("topics");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.goto("/_/settings?tab=jobs");
    await page.getByText("__pbLogsCleanup__").first().waitFor();
    await shoot("jobs");
    await page.goto("/_/settings");
    await page.getByRole("button", { name: "Send a test mail" }).scrollIntoViewIfNeeded();
    await shoot("settings-mail");
  });
});
