/** On a phone no screen is wider than it, at the width of most and at the least that pages have to be read at without two ways of scrolling. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inside, ofPlugin, outside } from "../harness/addresses";
import { phone, signIn } from "../harness/browser";
import { atRest, settled } from "../harness/rest";
import { withAllPlugins } from "../harness/with-plugins";

const { open, inTabs, plugins } = withAllPlugins();

const narrowest = 320;
const widths = [phone.width, narrowest];

/** How wide a page is, where it is wider than its room. */
async function tooWideAt(page: Page, width: number): Promise<number | null> {
  const [room, needed = 0] = await page.evaluate(() => [
    document.documentElement.clientWidth,
    document.documentElement.scrollWidth,
  ]);
  expect(room).toBe(width);
  return needed > width ? needed : null;
}

test("nothing is wider than the page", async () => {
  const tooWide: string[] = [];
  const look = async (page: Page, path: string) => {
    await page.setViewportSize(phone);
    await settled(page, path);
    // The page follows the width as it does when a phone is turned.
    for (const width of widths) {
      await page.setViewportSize({ width, height: 844 });
      await atRest(page);
      const needed = await tooWideAt(page, width);
      if (needed !== null) tooWide.push(`${path} at ${width}: ${needed}`);
    }
  };
  const begin = () => open({ viewport: phone, hasTouch: true, isMobile: true });
  const beginInside = async () => {
    const page = await begin();
    await signIn(page);
    return page;
  };
  await inTabs(2, outside, begin, look);
  await inTabs(2, [...inside, ...plugins().flatMap((id) => ofPlugin(id))], beginInside, look);
  expect(tooWide).toEqual([]);
});

test("nor is what is opened on the narrowest phone", async () => {
  const page = await open({ viewport: { width: narrowest, height: 640 }, hasTouch: true, isMobile: true });
  await settled(page, "/_/login");
  expect(await tooWideAt(page, narrowest)).toBe(null);
  await signIn(page);
  for (const path of [
    "/_/",
    "/_/collections/posts/records",
    "/_/collections/posts/records?record=new",
    "/_/collections/posts?tab=rules",
    "/_/logs?tab=requests",
    "/_/sql",
    "/_/settings?tab=general",
    "/_/plugins",
  ]) {
    await settled(page, path);
    expect.soft(await tooWideAt(page, narrowest), path).toBe(null);
  }
});

test("what has no room at the bottom is in the menu of the account", async () => {
  const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await signIn(page);
  await page
    .getByRole("button", { name: /^Account of/ })
    .locator("visible=true")
    .tap();
  await page.getByRole("menuitem", { name: "SQL console" }).tap();
  await page.getByRole("heading", { name: "SQL console", level: 1 }).waitFor();
});

test("what is deleted is taken back with a finger", async () => {
  const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await signIn(page, "/_/collections/invoices/records?sort=number");
  await page
    .getByRole("link", { name: /2026-0001|^[a-z0-9]{15}$/ })
    .first()
    .tap();
  await page.getByRole("dialog").getByRole("button", { name: "More actions" }).tap();
  await page.getByRole("menuitem", { name: /Delete/ }).tap();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).tap();
  const undo = page.getByRole("button", { name: "Undo" });
  await undo.waitFor();
  const box = await undo.boundingBox();
  expect(box?.height).toBeGreaterThanOrEqual(44);
  expect(box?.width).toBeGreaterThanOrEqual(44);
  await undo.tap();
  await page.getByText("2026-0001").waitFor();
});

test("cards are chosen with a finger, and what can be done with them stays above the bar of the pages", async () => {
  const page = await open({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  await signIn(page, "/_/collections/posts/records");
  const boxes = page.getByRole("checkbox", { name: /^Select [a-z0-9]{15}$/ });
  await boxes.first().tap();
  await boxes.nth(1).tap();
  const chosen = page.getByRole("region", { name: "Selected records" });
  await chosen.getByText("2 selected").waitFor();
  const clear = chosen.getByRole("button", { name: "Clear selection" });
  expect(
    await clear.evaluate((element) => {
      const { left, top, width, height } = element.getBoundingClientRect();
      return document.elementFromPoint(left + width / 2, top + height / 2)?.closest("button") === element;
    }),
  ).toBe(true);
  await clear.tap();
  await chosen.waitFor({ state: "detached" });
});
