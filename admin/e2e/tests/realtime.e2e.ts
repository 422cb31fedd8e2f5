import { expect, test } from "vitest";
import { signIn } from "../harness/browser";
import { seedRecords, signedInApi } from "../harness/seed";
import { suite } from "../harness/suite";

const { server, open } = suite({ prepare: seedRecords });

test("a change appears as it happens, with what was before and after it", async () => {
  const page = await open();
  await signIn(page, "/_/realtime");
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.getByRole("combobox", { name: "Collection" }).click();
  await page.getByRole("option", { name: "invoices" }).click();
  await page.getByRole("button", { name: "Subscribe", exact: true }).click();
  await page.getByText("Listening", { exact: true }).waitFor();

  const api = await signedInApi(server());
  const made = await api.post("/api/collections/invoices/records", { number: "L-1", total: 5 });
  const events = page.getByRole("list", { name: "Events" });
  await events.getByText("Created").waitFor();
  await api.patch(`/api/collections/invoices/records/${made.id}`, { total: 7 });
  await events.getByText("Updated").click();
  await events.locator("del", { hasText: /^\W*5$/ }).waitFor();
  await events.locator("ins", { hasText: /^\W*7$/ }).waitFor();

  await page.getByRole("button", { name: "Pause" }).click();
  await api.patch(`/api/collections/invoices/records/${made.id}`, { total: 9 });
  await page.getByText("1 event is waiting").waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("3 events").waitFor();
});

test("a filter that cannot be read is refused at the form, and a server that went away is waited for", async () => {
  const page = await open();
  await signIn(page, "/_/realtime?topic=posts/*");
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.getByText("Listening", { exact: true }).waitFor();
  await page.getByRole("combobox", { name: "Collection" }).click();
  await page.getByRole("option", { name: "invoices" }).click();
  await page.getByLabel("Filter", { exact: true }).fill("nope = 1");
  await page.getByRole("button", { name: "Subscribe", exact: true }).click();
  await page.getByText(/nope/).last().waitFor();
  expect(await page.getByRole("list", { name: "Subscriptions" }).getByRole("listitem").count()).toBe(1);
  await server().halt();
  await page.getByText("Disconnected, trying again").waitFor();
  await server().resume();
  await page.getByText("Connected", { exact: true }).waitFor();
});

test("what is said on a topic of one's own is heard, and the clients say who listens", async () => {
  const page = await open();
  await signIn(page, "/_/realtime");
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.getByRole("combobox", { name: "Collection" }).click();
  await page.getByRole("option", { name: "A topic of your own" }).click();
  await page.getByLabel("Topic", { exact: true }).fill("rooms/1");
  await page.getByRole("button", { name: "Subscribe", exact: true }).click();
  await page.getByText("Listening", { exact: true }).waitFor();
  await page.getByText("Say something on a topic").click();
  await page.getByLabel("Topic to speak on").fill("rooms/1");
  await page.getByRole("button", { name: "Say it" }).click();
  await page.getByRole("list", { name: "Events" }).getByText("Message").waitFor();
  await page.getByLabel("Topic to speak on").fill("invoices/*");
  await page.getByRole("button", { name: "Say it" }).click();
  await page.locator("[aria-invalid]").or(page.getByRole("alert")).first().waitFor();
  await page.getByRole("tab", { name: "Clients" }).click();
  await page.getByRole("table", { name: "Clients" }).getByText("rooms/1").waitFor();
});
