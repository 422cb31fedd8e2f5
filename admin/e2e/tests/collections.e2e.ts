import { expect, test } from "vitest";
import { signIn } from "../harness/browser";
import { seedCollections } from "../harness/seed";
import { address, suite } from "../harness/suite";

const { open } = suite({ prepare: seedCollections });

test("the list is searched, and the search is in the address", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  const table = page.getByRole("table", { name: "Collections" });
  await table.getByRole("link", { name: "posts", exact: true }).waitFor();
  await page.keyboard.press("/");
  await page.keyboard.type("comm");
  await table.getByRole("link", { name: "posts", exact: true }).waitFor({ state: "detached" });
  await table.getByRole("link", { name: "comments", exact: true }).waitFor();
  expect(address(page)).toBe("/_/collections?search=comm");
  await page.keyboard.press("Escape");
  await table.getByRole("link", { name: "posts", exact: true }).waitFor();
});

test("a collection is made, given fields and rules, reviewed and saved", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  await page.getByRole("button", { name: "New collection" }).first().click();
  await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("recipes");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "recipes", level: 1 }).waitFor();
  expect(address(page)).toBe("/_/collections/recipes");

  await page.getByRole("button", { name: "Add a field" }).click();
  await page.getByLabel("Find a kind").fill("title text");
  await page.keyboard.press("Enter");
  await page.getByRole("switch", { name: "Required" }).click();
  await page.getByRole("button", { name: "Done" }).click();
  await page.getByRole("button", { name: "Add a field" }).click();
  await page.getByLabel("Find a kind").fill("servings number");
  await page.keyboard.press("Enter");
  await page.getByLabel("Smallest value").fill("1");
  await page.getByRole("button", { name: "Done" }).click();

  const fields = page.getByRole("list", { name: "Fields" });
  // By keyboard: lifted, up one place, dropped.
  await page.getByRole("button", { name: "Move servings", exact: true }).focus();
  await page.keyboard.press("Space");
  await page.getByText(/servings is (?:lifted|over place 3)/).waitFor({ state: "attached" });
  await page.keyboard.press("ArrowUp");
  await page.getByText(/servings is over place 2/).waitFor({ state: "attached" });
  await page.keyboard.press("Space");
  await fields.getByRole("listitem").nth(1).getByText("servings").waitFor();

  await page.getByRole("tab", { name: "Rules" }).click();
  const list = page.getByRole("region", { name: "List" });
  await list.getByText("Rule", { exact: true }).click();
  const editor = list.getByRole("textbox", { name: "Rule for List" });
  await editor.click();
  await page.keyboard.type("titl");
  await page.getByRole("option", { name: /title/ }).first().click();
  await page.keyboard.type(" != ''");
  await page.getByText("3 changes").waitFor();
  await page.getByRole("button", { name: "Review and save" }).click();
  await page.getByRole("dialog").getByText("Field servings").waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("recipes is saved").waitFor();

  await page.reload();
  await list.getByText("title != ''").waitFor();
  await page.getByRole("tab", { name: /Fields/ }).click();
  await fields.getByRole("listitem").nth(1).getByText("servings").waitFor();
});

test("a broken rule is refused at its place, and another tab keeps what was changed", async () => {
  const page = await open();
  await signIn(page, "/_/collections/posts?tab=rules");
  const list = page.getByRole("region", { name: "List" });
  await list.getByText("Rule", { exact: true }).click();
  await list.getByRole("textbox", { name: "Rule for List" }).click();
  await page.keyboard.type("titel = 'x'");
  await page.getByRole("button", { name: "Review and save" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("dialog").getByText("no field `titel`").first().waitFor();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
  await list.getByText("no field `titel`").first().waitFor();
  await page.getByRole("button", { name: "Discard" }).click();
  await page.getByRole("button", { name: "Review and save" }).waitFor({ state: "detached" });
});

test("a collection is copied, exported, imported with a diff, emptied and deleted", async () => {
  const page = await open();
  await signIn(page, "/_/collections/comments");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Duplicate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "comments_copy", level: 1 }).waitFor();

  await page.goto("/_/collections");
  await page.getByRole("link", { name: "comments_copy", exact: true }).waitFor();
  await page.getByRole("button", { name: "Import and export" }).click();
  await page.getByRole("menuitem", { name: "Import from JSON" }).click();
  const definition = { name: "comments_copy", type: "base", fields: [{ name: "mood", type: "text" }] };
  await page.getByLabel("File of definitions").setInputFiles({
    name: "collections.json",
    mimeType: "application/json",
    buffer: Buffer.from(JSON.stringify([definition, { name: "imported", type: "base", fields: [] }])),
  });
  await page.getByText("Field mood").waitFor();
  await page.getByRole("button", { name: "Import 2 collections" }).click();
  await page.getByText("2 collections imported").waitFor();
  await page.getByRole("link", { name: "imported", exact: true }).waitFor();

  await page.goto("/_/collections/imported");
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete all records" }).click();
  await page.getByLabel("Type imported to confirm").fill("imported");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete all records" }).click();
  await page.getByText("imported is empty").waitFor();
  await page.getByRole("button", { name: "More actions" }).click();
  await page.getByRole("menuitem", { name: "Delete collection" }).click();
  await page.getByLabel("Type imported to confirm").fill("imported");
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete", exact: true }).click();
  await page.getByText("imported is deleted").waitFor();
  expect(address(page)).toBe("/_/collections");
});

test("a change of page puts the focus on its title, and the skip link on its content", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  await page.getByRole("link", { name: "posts", exact: true }).click();
  await page.getByRole("heading", { name: "posts" }).waitFor();
  await page.waitForFunction(() => document.activeElement?.tagName === "H1");

  await page.goto("/_/collections");
  await page.getByRole("link", { name: "posts", exact: true }).waitFor();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.activeElement?.id === "main");
});
