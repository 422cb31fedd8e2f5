/**
 * Everything that can be pressed can be reached by keys alone, on every screen. What buttons open is in `keyboard-layers.e2e.ts`; that
 * things are moved by keys is in `collections.e2e.ts` (fields), `plugins.e2e.ts` (the order of plugins) and below (columns).
 */
import { expect, test } from "vitest";
import { inside, ofPlugin, outside } from "../harness/addresses";
import { signIn } from "../harness/browser";
import { expectReachable } from "../harness/keyboard";
import { settled } from "../harness/rest";
import { withAllPlugins } from "../harness/with-plugins";

const { open, inTabs, plugins } = withAllPlugins();

/** The page of 200 rows has nothing that the page of 20 has not. */
const screens = () => [
  ...inside.filter((path) => !path.includes("perPage=200")),
  ...plugins().flatMap((id) => ofPlugin(id)),
];

test("before signing in", async () => {
  const page = await open();
  for (const path of outside) {
    await settled(page, path);
    await expectReachable(page, path);
  }
});

test("after signing in", async () => {
  const begin = async () => {
    const page = await open();
    await signIn(page);
    return page;
  };
  await inTabs(2, screens(), begin, async (page, path) => {
    await settled(page, path);
    await expectReachable(page, path);
  });
});

test("columns are moved and hidden by keys", async () => {
  const page = await open();
  await signIn(page, "/_/collections/invoices/records");
  const header = page.getByRole("grid").getByRole("columnheader");
  await header.getByText("total").waitFor();
  await page.getByRole("button", { name: "Columns" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Move total to the left" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForURL(/order=/);
  await page.getByRole("checkbox", { name: "paid" }).focus();
  await page.keyboard.press("Space");
  await page.waitForURL(/hide=paid/);
  await page.keyboard.press("Escape");
  const names = (await header.allInnerTexts()).map((text) => text.trim()).filter(Boolean);
  expect(names.indexOf("total")).toBeLessThan(names.indexOf("number"));
  expect(names).not.toContain("paid");
});
