/** On a phone no screen is wider than it, at the width of most and at the least that pages have to be read at without two ways of scrolling. */
import { expect, test } from "vitest";
import { inside, ofPlugin, outside } from "../harness/addresses";
import { signIn } from "../harness/browser";
import { settled } from "../harness/rest";
import { withAllPlugins } from "../harness/with-plugins";

const { open, plugins } = withAllPlugins();

test.each([390, 320])("nothing is wider than %s pixels", async (width) => {
  const page = await open({ viewport: { width, height: 844 }, hasTouch: true, isMobile: true });
  const tooWide: string[] = [];
  const look = async (path: string) => {
    await settled(page, path);
    const [room, needed] = await page.evaluate(() => [
      document.documentElement.clientWidth,
      document.documentElement.scrollWidth,
    ]);
    if (needed > room) tooWide.push(`${path}: ${needed}`);
  };
  for (const path of outside) await look(path);
  await signIn(page);
  for (const path of [...inside, ...plugins().flatMap((id) => ofPlugin(id))]) await look(path);
  expect(tooWide).toEqual([]);
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
