import { expect, test } from "vitest";
import { signIn } from "../harness/browser";
import { seedCollections } from "../harness/seed";
import { address, suite } from "../harness/suite";

const { open } = suite({ prepare: seedCollections });

test("the list is searched, and the search is in the address", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  const table = page.getByRole("table", { name: "Collections" });
  await table.getByRole("link", { name: "posts" }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("comm");
  await table.getByRole("link", { name: "posts" }).waitFor({ state: "detached" });
  await table.getByRole("link", { name: "comments" }).waitFor();
  expect(address(page)).toBe("/_/collections?search=comm");
  await page.keyboard.press("Escape");
  await table.getByRole("link", { name: "posts" }).waitFor();
});

test("a collection shows its fields and its rules", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  await page.getByRole("link", { name: "posts" }).click();
  await page.getByRole("heading", { name: "posts" }).waitFor();
  const title = page.getByRole("row", { name: /^title/ });
  await title.getByText("min 3 · max 200").waitFor();
  await page
    .getByRole("row", { name: /^author/ })
    .getByText("to members")
    .waitFor();
  await page.getByRole("tab", { name: "Rules" }).click();
  await page.getByText("@request.body.author:isset = false").waitFor();
  expect(address(page)).toBe("/_/collections/posts?tab=rules");
  await page.getByRole("link", { name: "Back to Collections" }).click();
  await page.getByRole("heading", { name: "Collections", exact: true }).waitFor();
});

test("at the width of a small phone, or at 400 % zoom, nothing runs off the side", async () => {
  const page = await open({ viewport: { width: 320, height: 640 } });
  await signIn(page, "/_/collections");
  for (const path of [
    "/_/collections",
    "/_/collections/posts",
    "/_/collections/posts?tab=rules",
    "/_/plugins",
  ]) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle");
    const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    expect(overhang, path).toBe(0);
  }
});

test("a change of page puts the focus on its title, and the skip link on its content", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  await page.getByRole("link", { name: "posts" }).click();
  await page.getByRole("heading", { name: "posts" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");

  await page.goto("/_/collections");
  await page.getByRole("link", { name: "posts" }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "main");
});
