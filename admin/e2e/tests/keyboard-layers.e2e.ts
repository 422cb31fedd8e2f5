/** What buttons open: everything in it is reached by keys, Escape closes it, and the button has the focus again. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { ofPlugin } from "../harness/addresses";
import { signIn } from "../harness/browser";
import { expectReachable, layers, openers } from "../harness/keyboard";
import { openedAtRest, settled } from "../harness/rest";
import { withPlugins } from "../harness/with-plugins";

const { open, plugin } = withPlugins();

/** Where there are buttons that open something. */
const places = () => [
  "/_/collections",
  "/_/collections/posts",
  "/_/collections/posts?tab=rules",
  "/_/collections/posts?tab=indexes",
  "/_/collections/posts/records",
  "/_/logs?tab=requests",
  "/_/plugins?tab=outbox",
  ...["general", "backups", "keys", "jobs", "superusers"].map((tab) => `/_/settings?tab=${tab}`),
  ...ofPlugin(plugin("slugs")),
];

test("what a button opens is walked through, and gives the focus back", async () => {
  const page = await open();
  await signIn(page);
  const opened = new Set<string>();
  for (const path of places()) {
    await settled(page, path);
    for (const name of await openers(page)) {
      const what = `${name} of ${path}`;
      await settled(page, path);
      const opener = page.locator("main").getByRole("button", { name, exact: true }).first();
      if (!(await opener.isVisible())) continue;
      await opener.focus();
      await page.keyboard.press("Enter");
      await openedAtRest(page);
      const layer = page.locator(layers).last();
      if (!(await layer.isVisible())) continue;
      opened.add(what);
      // Menus close with Tab; the arrows that walk through them are the library's.
      if ((await layer.getAttribute("role")) !== "menu") await expectReachable(page, what);
      await page.keyboard.press("Escape");
      await page.locator(layers).waitFor({ state: "detached" });
      // It comes back a moment after the layer is gone.
      await expect.poll(() => focused(page), { message: what, timeout: 10_000 }).toBe(name);
    }
  }
  expect(opened.size).toBeGreaterThan(15);
});

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const element = document.activeElement;
    return (element?.getAttribute("aria-label") ?? element?.textContent ?? "").trim().slice(0, 200);
  });
}
