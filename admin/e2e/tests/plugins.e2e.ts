import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { signIn } from "../harness/browser";
import { seedCollections, signedInApi } from "../harness/seed";
import { pluginFile } from "../harness/server";
import { address, suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedCollections });

test("a plugin goes from a file to running on a collection, and off it again", async () => {
  const page = await open();
  await signIn(page, "/_/plugins");
  await page.getByRole("heading", { name: "No plugins yet" }).waitFor();
  await page.getByLabel("Plugin file").setInputFiles(pluginFile());
  await page.getByRole("heading", { name: "Inspection" }).waitFor();
  expect(address(page)).toMatch(/^\/_\/plugins\/[^/?]+$/);
  const name = (await page.getByRole("heading", { level: 1 }).textContent()) ?? "";
  await page.getByText("Not attached", { exact: true }).first().waitFor();
  await page.getByText("before-create", { exact: true }).first().waitFor();
  await page.getByText("interfaces").click();
  await page.getByText("tinybase:plugin@0.1.0").first().waitFor();

  await page.getByRole("link", { name: "Attach it to a collection" }).click();
  expect(address(page)).toMatch(/\?tab=runs$/);
  await page.getByRole("button", { name: "Attach to a collection" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("combobox", { name: "Collection" }).click();
  await dialog.getByPlaceholder("Search collections").fill("pos");
  await page.keyboard.press("Enter");
  await dialog.getByLabel("Order").fill("3");
  await dialog.getByRole("button", { name: "Attach", exact: true }).click();
  await dialog.waitFor({ state: "detached" });
  const row = page.getByRole("row", { name: /posts/ });
  await row.getByText("Before create").waitFor();
  await row.getByText("3", { exact: true }).waitFor();
  await page.getByText("Active", { exact: true }).first().waitFor();

  await page.reload();
  await page.getByRole("button", { name: "Remove from posts" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("heading", { name: "Not attached anywhere" }).waitFor();

  await page.getByRole("link", { name: "Back to Plugins" }).click();
  await page.getByRole("table", { name: "Installed plugins" }).getByRole("link", { name }).waitFor();
});

test("what is no component is refused with an explanation", async () => {
  const page = await open();
  await signIn(page, "/_/plugins");
  await page.getByLabel("Plugin file").setInputFiles({
    name: "notes.wasm",
    mimeType: "application/wasm",
    buffer: Buffer.from("this is not WebAssembly"),
  });
  const alert = page.getByRole("alert");
  await alert.getByText("This is not a Wasm component").waitFor();
  await alert.getByText("notes.wasm was not accepted").waitFor();
  expect(address(page)).toBe("/_/plugins");
});

test("a file can be dropped on the page", async () => {
  const page = await open();
  await signIn(page, "/_/plugins");
  await page.getByText("Drop a .wasm component here").waitFor();
  const bytes = [...readFileSync(pluginFile())];
  const files = await page.evaluateHandle((content) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(content)], "dropped.wasm", { type: "application/wasm" }));
    return transfer;
  }, bytes);
  await page.dispatchEvent("main", "dragenter", { dataTransfer: files });
  await page.getByText("Drop it to inspect it").waitFor();
  await page.dispatchEvent("main", "drop", { dataTransfer: files });
  await page.getByRole("heading", { name: "Inspection" }).waitFor();
});

test("the order of plugins is changed by buttons and by keys, and holds", async () => {
  const api = await signedInApi(server());
  const ids = [await api.upload("first"), await api.upload("second")];
  for (const [index, id] of ids.entries()) {
    await api.post(`/api/plugins/${id}/attachments`, {
      collection: "invoices",
      hooks: ["beforeCreate"],
      order: index,
    });
  }
  const page = await open();
  await signIn(page, "/_/plugins?tab=order&collection=invoices");
  const list = page.getByRole("list", { name: "Plugins in their order" });
  const names = () => list.getByRole("link").allTextContents();
  await list.waitFor();
  expect(await names()).toEqual(["first", "second"]);
  await list.getByRole("button", { name: "Move second up" }).click();
  await page.waitForFunction(() => document.querySelector("ol a")?.textContent === "second");
  await page.reload();
  await list.waitFor();
  expect(await names()).toEqual(["second", "first"]);

  await list.getByRole("button", { name: "Move second", exact: true }).focus();
  await page.keyboard.press("Space");
  await page.getByText(/second is (?:lifted|over place 1)/).waitFor({ state: "attached" });
  await page.keyboard.press("ArrowDown");
  await page.getByText("second is over place 2 of 2.").waitFor({ state: "attached" });
  await page.keyboard.press("Space");
  await page.waitForFunction(() => document.querySelector("ol a")?.textContent === "first");
  await page.reload();
  await list.waitFor();
  expect(await names()).toEqual(["first", "second"]);
  const path = page.getByRole("list", { name: "A write to invoices" });
  expect(await path.getByRole("link").allTextContents()).toEqual(["first", "second"]);
});

test("a version is compared before it is rolled back to", async () => {
  const api = await signedInApi(server());
  const id = await api.upload("twice", pluginFile("word-limit"));
  expect(await api.upload("twice")).toBe(id);
  const page = await open();
  await signIn(page, `/_/plugins/${id}?tab=versions`);
  await page.getByRole("button", { name: "Roll back" }).click();
  const dialog = page.getByRole("dialog", { name: "Roll back to version 1?" });
  await dialog.getByText("validator").waitFor();
  expect(await dialog.getByText("gone").count()).toBe(2);
  await dialog.getByRole("button", { name: "Roll back" }).click();
  await page.getByRole("button", { name: "Activate" }).waitFor();
  await page.getByText("Version 1", { exact: true }).waitFor();
});

test("a hook is tried on a sample, and nothing is written", async () => {
  const api = await signedInApi(server());
  const id = await api.upload("tried");
  const page = await open();
  await signIn(page, `/_/plugins/${id}?tab=test&collection=posts&hook=beforeCreate`);
  await page.getByText("Nothing has run yet").waitFor();
  await page.getByRole("button", { name: "Run the hook" }).click();
  await page.getByRole("status").getByText("Accepted").waitFor();
  await page.getByText("What it used").waitFor();
  await page.getByRole("tab", { name: "Figures" }).click();
  await page.getByRole("heading", { name: "It was not called yet" }).waitFor();
  await page.goto("/_/plugins?tab=outbox");
  await page.getByRole("heading", { name: "Everything is delivered" }).waitFor();
});

test("figures follow calls, and an after-hook without its right is seen in the outbox", async () => {
  const api = await signedInApi(server());
  const id = await api.upload("trail", pluginFile("audit-trail"));
  await api.post("/api/collections", {
    name: "notes",
    type: "base",
    fields: [{ name: "text", type: "text" }],
  });
  await api.post(`/api/plugins/${id}/attachments`, { collection: "notes", hooks: ["afterCreate"] });
  await api.post("/api/collections/notes/records", { text: "X-1" });
  const page = await open();
  await signIn(page, "/_/plugins?tab=outbox");
  const row = page.getByRole("row", { name: /trail/ });
  await row.waitFor();
  await row.getByRole("link", { name: /Created/ }).click();
  await page.getByRole("dialog").getByText("X-1").waitFor();
  await page.keyboard.press("Escape");
  await row.getByRole("button", { name: /Give up/ }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Give it up" }).click();
  await page.getByRole("heading", { name: "Everything is delivered" }).waitFor();
  await page.goto(`/_/plugins/${id}?tab=metrics`);
  await page.getByRole("heading", { name: "After create" }).waitFor();
});
