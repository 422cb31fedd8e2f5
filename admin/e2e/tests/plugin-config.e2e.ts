import { expect, test } from "vitest";
import { accessibilityProblems, phone, signIn } from "../harness/browser";
import { seedRecords, signedInApi } from "../harness/seed";
import { pluginFile } from "../harness/server";
import { suite } from "../harness/suite";

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
  await panel.getByRole("button", { name: "Save" }).click();
  await page.getByText("It is called with this from now on").waitFor();
  await page.goto(`/_/plugins/${id}?tab=runs`);
  await page.getByRole("button", { name: "Settings on posts" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("timeoutMs").waitFor();
  expect(await sheet.getByLabel("timeoutMs").getAttribute("placeholder")).toBe("500");
  expect(await sheet.getByLabel("url").inputValue()).toBe("https://example.com/hook");
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
