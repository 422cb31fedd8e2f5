/** Everything that can be pressed can be reached by keys alone, on every screen. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inside, ofPlugin, outside } from "../harness/addresses";
import { signIn } from "../harness/browser";
import { seedPlugins, seedRecords } from "../harness/seed";
import { suite } from "../harness/suite";

let plugin: string;
const { open } = suite({
  prepare: async (server) => {
    await seedRecords(server);
    plugin = (await seedPlugins(server)).audit;
  },
});

/** More steps than the fullest screen has places. */
const stepsMax = 600;

/**
 * What Tab does not come to. Of widgets that are one place for Tab and are walked with arrows (tabs, radio buttons, grids, menus,
 * lists of options) one element is enough.
 */
async function unreached(page: Page): Promise<string[]> {
  await page.evaluate(() => {
    document.querySelectorAll("[data-reached]").forEach((element) => {
      element.removeAttribute("data-reached");
    });
    (document.activeElement as HTMLElement | null)?.blur();
  });
  let still = 0;
  for (let step = 0; step < stepsMax && still < 3; step += 1) {
    await page.keyboard.press("Tab");
    const isNew = await page.evaluate(() => {
      const focused = document.activeElement;
      if (!focused || focused === document.body || focused.hasAttribute("data-reached")) return false;
      focused.setAttribute("data-reached", "");
      return true;
    });
    still = isNew ? 0 : still + 1;
  }
  return page.evaluate(() => {
    const walked =
      "[role=tablist], [role=radiogroup], [role=grid], [role=menu], [role=listbox], [role=toolbar]";
    const selector = [
      "a[href]",
      "button",
      "input:not([type=hidden])",
      "select",
      "textarea",
      "summary",
      ...["button", "link", "switch", "checkbox", "tab", "radio", "combobox", "textbox"].map(
        (role) => `[role=${role}]`,
      ),
    ].join(", ");
    // Behind an open dialog nothing is to be reached.
    const dialogs = [...document.querySelectorAll("[role=dialog], [role=alertdialog]")];
    const root = dialogs.at(-1) ?? document.body;
    return [...root.querySelectorAll<HTMLElement>(selector)]
      .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: false }))
      .filter((element) => !element.matches(":disabled, [aria-disabled=true], [aria-hidden=true]"))
      .filter((element) => !element.closest("[inert], [aria-hidden=true]"))
      .filter((element) => !element.hasAttribute("data-reached"))
      .filter((element) => !element.closest(walked)?.querySelector("[data-reached]"))
      .map((element) => element.outerHTML.slice(0, 200));
  });
}

test("before signing in", async () => {
  const page = await open();
  for (const path of outside) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    expect(await unreached(page), path).toEqual([]);
  }
});

test("after signing in", async () => {
  const page = await open();
  await signIn(page);
  for (const path of [...inside, ...ofPlugin(plugin)]) {
    await page.goto(path);
    await page.locator("h1").waitFor();
    await page.waitForLoadState("networkidle");
    expect(await unreached(page), path).toEqual([]);
  }
});
