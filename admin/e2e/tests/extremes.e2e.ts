/** Very long names and texts stay within what they stand in, on a phone and at a desk. */
import { expect, test } from "vitest";
import { desktop, phone, signIn } from "../harness/browser";
import { atRest } from "../harness/rest";
import { seedRecords } from "../harness/seed";
import { longName, seedExtremes } from "../harness/seed-extremes";
import { suite } from "../harness/suite";

const { open } = suite({
  prepare: async (server) => {
    await seedRecords(server);
    await seedExtremes(server);
  },
});

const looks = { phone: { viewport: phone, hasTouch: true, isMobile: true }, desktop: { viewport: desktop } };

test.each(Object.entries(looks))("nothing runs out of its frame: %s", async (_, options) => {
  const page = await open(options);
  await signIn(page);
  const records = `/_/collections/${longName}/records`;
  const tooWide: string[] = [];
  const look = async (what: string) => {
    await atRest(page);
    // A table scrolls within its frame; the page, its cards, panels and menus do not.
    const found = await page.evaluate(() =>
      [
        document.documentElement,
        ...document.querySelectorAll("main, [role=dialog], [role=dialog] form > div, li > [data-slot=card]"),
      ]
        .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth + 1)
        .map((element) => `${element.tagName} ${element.className}`.slice(0, 80)),
    );
    tooWide.push(...found.map((element) => `${what}: ${element}`));
  };
  for (const path of ["/_/", "/_/collections", `/_/collections/${longName}`, records, "/_/sql"]) {
    await page.goto(path);
    await look(path);
  }
  await page.goto(records);
  await page
    .getByRole("link", { name: /averyvery|^[a-z0-9]{15}$/ })
    .last()
    .click();
  await page.getByRole("dialog").getByLabel("text", { exact: true }).waitFor();
  await look("a record");
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Search pages, collections and actions").fill("customer");
  await page.getByRole("option", { name: /^New record/ }).waitFor();
  await look("the palette");
  expect(tooWide).toEqual([]);
  await page.keyboard.press("Escape");
  await page.goto("/_/collections/everything/records");
  await page.getByRole("button", { name: "Columns" }).click();
  const last = page.getByRole("button", { name: "All columns in the usual order" });
  // The menu opens with a movement.
  const isInView = async () => {
    const box = await last.boundingBox();
    return box !== null && box.y >= 0 && box.y + box.height <= (page.viewportSize()?.height ?? 0);
  };
  await expect.poll(isInView, { timeout: 10_000 }).toBe(true);
});
