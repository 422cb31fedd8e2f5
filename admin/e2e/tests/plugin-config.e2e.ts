import { expect, test } from "vitest";
import { accessibilityProblems, phone, signIn } from "../harness/browser";
import { withManifest } from "../harness/manifest";
import { seedRecords, signedInApi } from "../harness/seed";
import { pluginFile } from "../harness/server";
import { address, suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecords });

test("a plugin is configured for all its places; what its schema refuses is said, what is right holds", async () => {
  const api = await signedInApi(server());
  const id = await api.upload("webhook", pluginFile("webhook"));
  await api.post(`/api/plugins/${id}/attachments`, {
    collection: "posts",
    hooks: ["afterCreate"],
    config: { url: "https://example.com/hook" },
  });
  const page = await open();
  await signIn(page, `/_/plugins/${id}?tab=config`);
  const places = page.getByRole("list", { name: "Where it is called" });
  await places.getByText("url", { exact: true }).waitFor();
  const panel = page.getByRole("tabpanel", { name: "Configuration" });
  await panel.getByLabel("timeoutMs").fill("0");
  await panel.getByRole("button", { name: "Save" }).click();
  await panel
    .getByText(/timeoutMs/)
    .nth(1)
    .waitFor();
  expect(await accessibilityProblems(page), "a configuration that was refused").toEqual([]);
  await panel.getByLabel("timeoutMs").fill("500");
  await page.getByRole("tab", { name: "Figures" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Keep editing" }).click();
  await page.getByRole("alertdialog").waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Configuration", selected: true }).waitFor();
  await panel.getByRole("button", { name: "Save" }).click();
  await page.getByText("It is called with this from now on").waitFor();
  await page.goto(`/_/plugins/${id}?tab=runs`);
  await page.getByRole("button", { name: "Settings on posts" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("timeoutMs").waitFor();
  expect(await sheet.getByLabel("timeoutMs").getAttribute("placeholder")).toBe("500");
  expect(await sheet.getByLabel("url").inputValue()).toBe("https://example.com/hook");
});

/** A plugin that needs `n` to be of a type. */
const wanting = (type: string) =>
  withManifest({ name: "shaped", config: { type: "object", required: ["n"], properties: { n: { type } } } });

test("what does not accept the configuration is kept, says what does not fit, and is called for who insists", async () => {
  const api = await signedInApi(server());
  const id = await api.upload("shaped", wanting("integer"));
  const path = `/api/plugins/${id}`;
  const attached = { collection: "posts", hooks: ["beforeCreate"], config: { n: 1 } };
  const place = await api.post(`${path}/attachments`, attached);
  const page = await open();
  await signIn(page, "/_/plugins");
  const file = { name: "shaped.wasm", mimeType: "application/wasm", buffer: wanting("string") };
  await page.getByLabel("Plugin file").setInputFiles(file);
  const kept = page.getByRole("alert");
  await kept.getByText("Version 2 of shaped is kept and not called").waitFor();
  await kept.getByRole("link", { name: "On posts: Before create" }).waitFor();
  await kept.getByText("/n", { exact: true }).waitFor();
  await kept.getByText("Want string, but got number.", { exact: true }).waitFor();
  expect(await accessibilityProblems(page), "an upload that is kept").toEqual([]);
  await kept.getByRole("link", { name: "Configure" }).click();
  await page.getByRole("list", { name: "Where it is called" }).getByText("posts").waitFor();

  await page.goto(`/_/plugins/${id}`);
  await page.getByText("Version 2 waits for you").waitFor();
  await page.getByRole("button", { name: "Review it" }).click();
  const dialog = page.getByRole("dialog", { name: "Call version 2?" });
  await dialog.getByRole("button", { name: "Activate" }).click();
  await dialog.getByText("Version 2 does not accept what is configured").waitFor();
  expect(await accessibilityProblems(page), "a version that does not fit").toEqual([]);
  await dialog.getByRole("link", { name: "On posts: Before create" }).click();
  await page.getByRole("button", { name: "Settings on posts" }).waitFor();
  expect(address(page)).toBe(`/_/plugins/${id}?tab=runs`);
  await page.getByText("Version 1", { exact: true }).waitFor();

  await page.getByRole("tab", { name: "Versions" }).click();
  await page.getByRole("button", { name: "Activate" }).click();
  await dialog.getByRole("button", { name: "Activate" }).click();
  await dialog.getByRole("button", { name: "Call it all the same" }).click();
  await dialog.waitFor({ state: "detached" });
  await page.getByText("Version 2", { exact: true }).waitFor();

  // Under the schema of the version that is called now, which what is right for the one before would not pass.
  await api.patch(`${path}/attachments/${place.id}`, { config: { n: "one" } });
  await page.getByRole("button", { name: "Roll back" }).click();
  const back = page.getByRole("dialog", { name: "Roll back to version 1?" });
  await back.getByRole("button", { name: "Roll back" }).click();
  await back.getByText("Version 1 does not accept what is configured").waitFor();
  await back.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Version 2", { exact: true }).waitFor();
});

test("on a phone the tab that an address names is in sight", async () => {
  const api = await signedInApi(server());
  const id = await api.upload("narrow");
  const page = await open({ viewport: phone, hasTouch: true, isMobile: true });
  await signIn(page, `/_/plugins/${id}?tab=log`);
  await page.getByRole("heading", { name: "Log", exact: true }).waitFor();
  const box = await page.getByRole("tab", { name: "Log" }).boundingBox();
  expect(box && box.x >= 0 && box.x + box.width <= phone.width).toBe(true);
});
