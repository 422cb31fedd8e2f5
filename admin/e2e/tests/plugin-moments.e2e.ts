import { expect, test } from "vitest";
import { accessibilityProblems, signIn } from "../harness/browser";
import { seedRecords, seedRuns, signedInApi } from "../harness/seed";
import { pluginFile } from "../harness/server";
import { suite } from "../harness/suite";

const { open, server } = suite({ prepare: seedRecords });

test("a plugin is scheduled, run by hand, and its history tells how it went", async () => {
  const id = await seedRuns(server());
  const page = await open();
  await signIn(page, `/_/plugins/${id}`);
  await page.getByRole("link", { name: "Say when it runs" }).click();
  await page.getByRole("heading", { name: "Not scheduled" }).waitFor();
  await page.getByRole("button", { name: "New schedule" }).click();
  const sheet = page.getByRole("dialog");
  await sheet.getByLabel("Name").fill("not a name");
  await sheet.getByRole("button", { name: "Every night" }).click();
  await sheet.getByRole("list", { name: "The next times, in your time zone" }).waitFor();
  await sheet.getByRole("button", { name: "Save" }).click();
  await sheet.locator("[aria-invalid]").first().waitFor();
  expect(await accessibilityProblems(page), "a schedule with a mistake").toEqual([]);
  await sheet.getByLabel("Name").fill("nightly");
  await sheet.getByRole("button", { name: "Save" }).click();
  await sheet.waitFor({ state: "detached" });

  const row = page.getByRole("row", { name: /nightly/ });
  await row.getByRole("button", { name: "Run now: nightly" }).click();
  await row.getByText("done", { exact: true }).waitFor();
  await row.getByRole("button", { name: "History of nightly" }).click();
  await page.getByRole("dialog").getByText("by hand").waitFor();
  await page.keyboard.press("Escape");
  await row.getByRole("switch", { name: "nightly is on" }).click();
  await row.getByText("off", { exact: true }).waitFor();
  expect(await row.getByRole("button", { name: "Run now: nightly" }).isDisabled()).toBe(true);
  expect(await accessibilityProblems(page), "schedules").toEqual([]);
  await page.reload();
  await row.getByText("off", { exact: true }).waitFor();
  await row.getByRole("button", { name: "Delete nightly" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete the schedule" }).click();
  await page.getByRole("heading", { name: "Not scheduled" }).waitFor();
});

test("a plugin gets its route, is asked as a guest and as oneself, and loses it again", async () => {
  const api = await signedInApi(server());
  const id = await api.upload("feed", pluginFile("feed"));
  await api.put(`/api/plugins/${id}/grants`, {
    records: [{ collection: "invoices", verbs: ["list"], as: "plugin" }],
  });
  const page = await open();
  await signIn(page, `/_/plugins/${id}?tab=route`);
  await page.getByRole("button", { name: "Give it its route" }).waitFor();
  expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
  await page.getByRole("button", { name: "Give it its route" }).click();
  await page.getByText("/api/x/feed", { exact: false }).first().waitFor();

  const answer = page.getByRole("region", { name: "Answer" });
  // The grants, behind another tab, speak of names as well.
  const whose = page.getByRole("tabpanel", { name: "Route" }).getByLabel("In whose name");
  await whose.selectOption("guest");
  await page.getByRole("button", { name: "Send" }).click();
  await answer.getByText("401", { exact: true }).waitFor();
  await whose.selectOption("me");
  await page.getByRole("button", { name: "Send" }).click();
  await answer.getByText("403", { exact: true }).waitFor();
  await answer.getByText("The feed may not read its collection.").waitFor();

  // The feed says what it is configured with, so there is a field for each.
  const configuration = page.getByRole("group", { name: "Configuration" });
  await configuration.getByRole("textbox", { name: "collection", exact: true }).fill("invoices");
  await page.getByRole("radio", { name: /Everybody/ }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
  await whose.selectOption("guest");
  await page.getByRole("button", { name: "Send" }).click();
  await answer.getByText("200", { exact: true }).waitFor();
  await answer.getByText("https://jsonfeed.org/version/1.1").waitFor();
  expect(await accessibilityProblems(page), "a route with an answer").toEqual([]);
  await page.getByLabel("Path and query").fill("nowhere");
  await page.getByRole("button", { name: "Send" }).click();
  await answer.getByText("404", { exact: true }).waitFor();

  await page.getByRole("button", { name: "Take the route away" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Take the route away" }).click();
  await page.getByRole("button", { name: "Give it its route" }).waitFor();
});
