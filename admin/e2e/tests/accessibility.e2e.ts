import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { inside, outside } from "../harness/addresses";
import { accessibilityProblems, phone, signIn } from "../harness/browser";
import { atRest, settled } from "../harness/rest";
import { seedRecords } from "../harness/seed";
import { pluginFile } from "../harness/server";
import { suite } from "../harness/suite";

const { open, inTabs } = suite({ prepare: seedRecords });

const looks = {
  "at a desk": { options: {}, schemes: ["light", "dark"] },
  "on a phone": { options: { viewport: phone, hasTouch: true, isMobile: true }, schemes: ["light"] },
} as const;

describe.each(Object.entries(looks))("%s", (_, { options, schemes }) => {
  /** In each theme, into which the page goes as it stands. */
  async function expectAccessible(page: Page, what: string, without: string[] = []) {
    for (const colorScheme of schemes) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html${colorScheme === "dark" ? ".dark" : ":not(.dark)"}`).waitFor();
      expect(await accessibilityProblems(page, without), `${what}, ${colorScheme}`).toEqual([]);
    }
  }

  test("pages before signing in", async () => {
    const page = await open(options);
    for (const path of outside) {
      await page.goto(path);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await expectAccessible(page, path);
    }
    await page.goto("/_/login");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText("Enter your password.").waitFor();
    await expectAccessible(page, "the sign-in form with errors");
  });

  test("pages after signing in", async () => {
    const begin = async () => {
      const page = await open(options);
      await signIn(page);
      return page;
    };
    await inTabs(2, inside, begin, async (page, path) => {
      await settled(page, path);
      await expectAccessible(page, path);
    });
  });

  test("a collection with its dialogs", async () => {
    const page = await open(options);
    await signIn(page, "/_/collections/posts");
    await page.getByRole("button", { name: "Settings of status" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page, "the settings of a field");
    await page.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Add a field" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page, "the kinds of fields");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Remove slug" }).click();
    await expectAccessible(page, "a removed field");
    await page.getByRole("button", { name: "Review and save" }).click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page, "the review");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("tab", { name: "Rules" }).click();
    await page.getByRole("button", { name: "Try it as…" }).first().click();
    await page.getByRole("dialog").waitFor();
    await expectAccessible(page, "trying a rule");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Control+k");
    await page.getByPlaceholder("Search pages, collections and actions").waitFor();
    await expectAccessible(page, "the palette");
  });

  test("a plugin with its dialogs", async () => {
    const page = await open(options);
    await signIn(page, "/_/plugins");
    const input = page.getByLabel("Plugin file");
    await input.setInputFiles({
      name: "notes.wasm",
      mimeType: "application/wasm",
      buffer: Buffer.from("text"),
    });
    await page.getByRole("alert").waitFor();
    await expectAccessible(page, "a refused upload");
    await input.setInputFiles(pluginFile());
    await page.getByRole("heading", { name: "Inspection" }).waitFor();
    await atRest(page);
    await page.getByText("imported interfaces").click();
    await expectAccessible(page, "a plugin");
    for (const tab of ["Test", "Figures", "Versions", "Log", "Runs on"]) {
      await page.getByRole("tab", { name: tab }).click();
      await atRest(page);
      await expectAccessible(page, `${tab} of a plugin`);
    }
    await page.getByRole("button", { name: "Attach to a collection" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByRole("button", { name: "Attach", exact: true }).click();
    await dialog.getByText("Choose a collection.").waitFor();
    await expectAccessible(page, "the attach dialog with errors");
    await dialog.getByRole("combobox", { name: "Collection" }).click();
    await dialog.getByRole("option", { name: "posts" }).waitFor();
    await expectAccessible(page, "the choice of a collection");
    await dialog.getByRole("option", { name: "posts" }).click();
    await dialog.getByRole("button", { name: "Attach", exact: true }).click();
    const plugin = new URL(page.url()).pathname;
    await page.goto("/_/plugins?tab=order");
    await page.getByRole("list", { name: "Plugins in their order" }).waitFor();
    await expectAccessible(page, "the order of plugins");
    await page.goto(`${plugin}?tab=runs`);
    await page.getByRole("button", { name: "Remove from posts" }).click();
    await page.getByRole("alertdialog").waitFor();
    await expectAccessible(page, "the question before removing");
    // The next look finds the plugin as this one did.
    await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
    await page.getByRole("heading", { name: "Not attached anywhere" }).waitFor();
    await page
      .getByRole("button", { name: /^Account of/ })
      .locator("visible=true")
      .click();
    await page.getByRole("menuitem", { name: "Sign out" }).waitFor();
    // An open menu belongs to its button and to no landmark, wherever it hangs in the document.
    await expectAccessible(page, "the account menu", ["region"]);
  });
});
