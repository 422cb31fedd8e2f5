import { expect, test } from "vitest";
import { signIn } from "../harness/browser";
import { seedRecords } from "../harness/seed";
import { address, suite } from "../harness/suite";

const { open } = suite({ prepare: seedRecords });

test("settings are saved, and what is wrong is said at its place", async () => {
  const page = await open();
  await signIn(page, "/_/settings");
  await page.getByLabel("Name", { exact: true }).fill("Workshop");
  await page.getByLabel("Address", { exact: true }).fill("nonsense");
  // What is wrong is brought back into view from the end of a long page.
  await page.mouse.wheel(0, 20_000);
  const scrolled = () => page.evaluate(() => window.scrollY);
  await expect.poll(scrolled, { timeout: 10_000 }).toBeGreaterThan(1000);
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText(/valid URL/i).waitFor();
  const wrong = page.getByLabel("Address", { exact: true });
  const hasFocus = () => wrong.evaluate((input) => input.matches(":focus"));
  await expect.poll(hasFocus, { timeout: 10_000 }).toBe(true);
  const isInView = () =>
    wrong.evaluate((input) => {
      const { top, bottom } = input.getBoundingClientRect();
      return top >= 0 && bottom <= window.innerHeight;
    });
  await expect.poll(isInView, { timeout: 10_000 }).toBe(true);
  await wrong.fill("https://workshop.example");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
  await page.reload();
  expect(await page.getByLabel("Name", { exact: true }).inputValue()).toBe("Workshop");
});

test("superusers come and go, and their sessions are listed", async () => {
  const page = await open();
  await signIn(page, "/_/settings?tab=superusers");
  await page.getByRole("button", { name: "Add a superuser" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("E-mail").fill("grace@example.com");
  await dialog.getByLabel("Password", { exact: true }).fill("short");
  await dialog.getByRole("button", { name: "Add a superuser" }).click();
  await dialog.getByText(/8 character/).waitFor();
  await dialog.getByLabel("Password", { exact: true }).fill("a nanosecond is a foot");
  await dialog.getByRole("button", { name: "Add a superuser" }).click();
  await page.getByRole("link", { name: "grace@example.com" }).waitFor();
  await page.getByRole("button", { name: "Delete grace@example.com" }).click();
  await page.getByRole("alertdialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("link", { name: "grace@example.com" }).waitFor({ state: "detached" });
  await page.getByRole("tab", { name: "Sessions" }).click();
  await page.getByText("this one").waitFor();
});

test("home has the totals, and the palette leads anywhere by keyboard alone", async () => {
  const page = await open();
  await signIn(page);
  await page.getByRole("list", { name: "Totals" }).getByText("161", { exact: true }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByPlaceholder("Search pages, collections and actions").fill("records invo");
  await page.keyboard.press("Enter");
  await page.getByRole("grid", { name: "Records of invoices" }).waitFor();
  expect(address(page)).toBe("/_/collections/invoices/records");
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.getByRole("heading", { name: "Plugins", exact: true }).waitFor();
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keyboard shortcuts" }).waitFor();
});

test("an address that would lock everybody out is refused at its field, a proxy's header is kept", async () => {
  const page = await open();
  await signIn(page, "/_/settings");
  await page.getByLabel("Headers that tell the address").fill("X-Real-IP");
  await page.getByLabel("Addresses and networks").fill("203.0.113.7");
  await page.getByRole("button", { name: "Save" }).click();
  await page.locator("[aria-invalid]").first().waitFor();
  await page.getByLabel("Addresses and networks").fill("");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("The settings are in force").waitFor();
  await page.reload();
  expect(await page.getByLabel("Headers that tell the address").inputValue()).toBe("X-Real-IP");
});
