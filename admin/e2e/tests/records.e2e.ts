import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { phone, signIn } from "../harness/browser";
import { seedRecords } from "../harness/seed";
import { address, suite } from "../harness/suite";

const { open } = suite({ prepare: seedRecords });
const rows = "Records of posts";

async function deleteRows(page: Page, numbers: string[]): Promise<void> {
  for (const number of numbers) {
    await page
      .getByRole("row", { name: new RegExp(number) })
      .getByRole("checkbox")
      .click();
  }
  await page
    .getByRole("region", { name: "Selected records" })
    .getByRole("button", { name: "Delete" })
    .click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
}

test("records are searched, filtered and sorted by the server, and the address is the state", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  await page.getByRole("link", { name: "posts", exact: true }).click();
  const table = page.getByRole("grid", { name: rows });
  await table.getByText("What an index costs").waitFor();
  await table.getByText("Ada Lovelace").first().waitFor();

  await page.getByLabel("Search or filter records").fill("index");
  await table.getByText("Backups you have restored").waitFor({ state: "detached" });
  await table.getByText("What an index costs").waitFor();
  await page.getByLabel("Search or filter records").fill("rating >= 4 && status != 'draft'");
  await page.keyboard.press("Enter");
  await table.getByText("Realtime without tears").waitFor();
  await table.getByRole("button", { name: "title" }).click();
  await page.waitForURL(/sort=title/);
  expect(new URL(page.url()).searchParams.get("filter")).toBe("rating >= 4 && status != 'draft'");
  await page.reload();
  await table.getByText("Realtime without tears").waitFor();

  await page.getByLabel("Search or filter records").fill("nope = 1");
  await page.keyboard.press("Enter");
  await page.getByText("The filter cannot be read").waitFor();
  await page.getByRole("button", { name: "Clear filters" }).click();
  await table.getByText("Backups you have restored").waitFor();
});

test("a record is made with a relation, changed and deleted", async () => {
  const page = await open();
  await signIn(page, "/_/collections/posts/records");
  await page.getByRole("grid", { name: rows }).getByText("What an index costs").waitFor();
  await page.keyboard.press("n");
  const panel = page.getByRole("dialog");
  await panel.getByLabel("title", { exact: true }).fill("Hi");
  await panel.getByRole("button", { name: "Create" }).click();
  // The server names what is wrong at each field.
  await panel.getByText(/at least 3 character/i).waitFor();
  await panel.getByLabel("title", { exact: true }).fill("Written by a test");
  await panel.getByLabel("status", { exact: true }).selectOption("draft");
  await panel.getByRole("button", { name: "Choose a record" }).click();
  await panel.getByPlaceholder("Search members").fill("grace");
  await panel.getByRole("option", { name: /Grace Hopper/ }).click();
  await panel.getByLabel("rating", { exact: true }).fill("4.5");
  await panel.getByRole("textbox", { name: "moderation" }).click();
  await page.keyboard.type('{"seen": true');
  await panel.getByRole("button", { name: "Create" }).click();
  await page.getByText("Record created").waitFor();
  await panel.waitFor({ state: "detached" });

  const link = page
    .getByRole("grid", { name: rows })
    .getByRole("row", { name: /Written by a test/ })
    .getByRole("link");
  await link.click();
  await panel.getByText("Grace Hopper").waitFor();
  await panel.getByText('"seen"').waitFor();
  await panel.getByLabel("title", { exact: true }).fill("Changed by a test");
  await page.keyboard.press("Escape");
  await page.getByRole("alertdialog").getByRole("button", { name: "Keep editing" }).click();
  await page.keyboard.press("Control+s");
  await page.getByText("Changes saved").waitFor();
  await panel.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete record" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("1 record deleted").waitFor();
  await page.getByText("Changed by a test").waitFor({ state: "detached" });
});

test("a file is uploaded, shown, and taken away again", async () => {
  const page = await open();
  await signIn(page, "/_/collections/members/records");
  await page.getByRole("grid", { name: "Records of members" }).getByText("Ada Lovelace").waitFor();
  await page
    .getByRole("row", { name: /Ada Lovelace/ })
    .getByRole("link")
    .click();
  const panel = page.getByRole("dialog");
  const dot =
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
  await panel.getByLabel("Files for avatar").setInputFiles({
    name: "dot.png",
    mimeType: "image/png",
    buffer: Buffer.from(dot, "base64"),
  });
  await panel.getByText("not saved yet").waitFor();
  await page.keyboard.press("Control+s");
  await page.getByText("Changes saved").first().waitFor();
  const link = panel.getByRole("link", { name: /dot/ });
  const file = await page.request.get((await link.getAttribute("href")) ?? "");
  expect([file.status(), file.headers()["content-type"]]).toEqual([200, "image/png"]);
  await panel.getByRole("button", { name: /^Remove dot/ }).click();
  await panel.getByText("removed when you save").waitFor();
  await page.keyboard.press("Control+s");
  await link.waitFor({ state: "detached" });
});

test("of many rows only those in sight are in the document, and several are deleted at once", async () => {
  const page = await open();
  await signIn(page, "/_/collections/invoices/records?perPage=200&sort=number");
  const table = page.getByRole("grid", { name: "Records of invoices" });
  await table.getByText("2026-0001").waitFor();
  expect(await table.getAttribute("aria-rowcount")).toBe("151");
  expect(await table.getByRole("row").count()).toBeLessThan(60);
  await page.getByRole("region", { name: "Records of invoices" }).evaluate((frame) => {
    frame.scrollTop = frame.scrollHeight;
  });
  await table.getByText("2026-0150").waitFor();
  await page.getByRole("region", { name: "Records of invoices" }).evaluate((frame) => {
    frame.scrollTop = 0;
  });
  await table.getByText("2026-0001").waitFor();
  await deleteRows(page, ["2026-0001", "2026-0002"]);
  await page.getByText("2 records deleted").waitFor();
  await table.getByText("2026-0001").waitFor({ state: "detached" });
  await page.getByText("1–148 of 148").waitFor();
});

test("what can be done with chosen records lies over nothing that can be pressed", async () => {
  const page = await open({ viewport: { width: 1280, height: 720 } });
  await signIn(page, "/_/collections/invoices/records?sort=number");
  const table = page.getByRole("grid", { name: "Records of invoices" });
  await table.getByText("2026-0010").waitFor();
  await table.getByRole("checkbox").nth(1).click();
  await page.getByRole("region", { name: "Selected records" }).waitFor();
  const pages = page.getByRole("navigation", { name: "Pages" });
  for (const control of [pages.getByLabel("Per page"), pages.getByRole("button", { name: "Next page" })]) {
    const inFront = await control.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return (
        document.elementFromPoint(left + width / 2, top + height / 2)?.closest("select, button") === element
      );
    });
    expect(inFront).toBe(true);
  }
});

test("what was deleted is taken back, and who leaves the page means it", async () => {
  const page = await open();
  const stored = async () => {
    const { items } = (await (
      await page.request.get("/api/collections/invoices/records?perPage=5&sort=number&fields=number")
    ).json()) as { items: { number: string }[] };
    return items.map(({ number }) => number);
  };
  await signIn(page, "/_/collections/invoices/records?sort=number");
  const table = page.getByRole("grid", { name: "Records of invoices" });
  const first = table.getByRole("row").nth(1);
  await first.getByRole("checkbox").waitFor();
  const [number = ""] = await stored();
  const remove = async () => {
    await deleteRows(page, [number]);
    await table.getByText(number).waitFor({ state: "detached" });
  };
  await remove();
  await page.getByRole("button", { name: "Undo" }).click();
  await table.getByText(number).waitFor();
  expect(await stored()).toContain(number);
  await remove();
  await page.getByRole("button", { name: "Undo" }).waitFor();
  expect(await stored()).toContain(number);
  // Not a step within the dashboard: the document itself goes.
  await page.goto("/_/auth/oauth2-redirect-failure");
  await expect.poll(stored).not.toContain(number);
});

test("on a phone records are cards, and the panel is the whole screen", async () => {
  const page = await open({ viewport: phone, hasTouch: true, isMobile: true });
  await signIn(page, "/_/collections/posts/records");
  await page.getByRole("list", { name: rows }).getByRole("link", { name: "What an index costs" }).click();
  const panel = page.getByRole("dialog");
  await panel.getByLabel("title", { exact: true }).waitFor();
  const box = await panel.boundingBox();
  expect(box?.width).toBe(phone.width);
  await panel.getByRole("button", { name: "Close" }).click();
  await panel.waitFor({ state: "detached" });
  expect(address(page)).toBe("/_/collections/posts/records");
});
