import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { accessibilityProblems } from "../harness/browser";
import { atRest } from "../harness/rest";
import { address, suite } from "../harness/suite";

const { server, open } = suite({ account: false });

const password = "a nanosecond is a foot";

async function fill(page: Page, email: string, again = password): Promise<void> {
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByLabel("Password again").fill(again);
  await page.getByRole("button", { name: "Create account" }).click();
}

test("without a server nothing of the form is lost, and it is sent again when there is one", async () => {
  const link = await server().setupLink();
  const page = await open();
  await page.goto(link);
  await page.getByLabel("E-mail").waitFor();
  await atRest(page);
  await page.route("**/api/admin/setup", (route) => route.abort("connectionrefused"));
  await fill(page, "hopper@example.com", "another one");
  await page.getByText("The two passwords differ.").waitFor();
  expect(await page.locator("[aria-invalid=true]").count()).toBe(1);
  await fill(page, "hopper@example.com");
  await page.getByRole("alert").getByText("The server does not answer").waitFor();
  expect(await accessibilityProblems(page), "a set-up without a server").toEqual([]);
  expect(await page.getByLabel("Password again").inputValue()).toBe(password);
  await page.unroute("**/api/admin/setup");
  // A server that is there and takes no more for now.
  const busy = { status: 503, message: "The server is stopping.", data: {} };
  await page.route("**/api/admin/setup", (route) =>
    route.fulfill({ status: 503, contentType: "application/json", body: JSON.stringify(busy) }),
  );
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("alert").getByText("The server is busy").waitFor();
  await page.unroute("**/api/admin/setup");
  expect(await page.getByLabel("E-mail").inputValue()).toBe("hopper@example.com");
  await page.getByLabel("E-mail").fill("");
});

test("the printed link makes the first account, once", async () => {
  const link = await server().setupLink();
  const page = await open();
  await page.goto(link);
  await fill(page, "grace@example.com");
  await page.getByRole("heading", { name: "Home", exact: true }).waitFor();
  expect(address(page)).toBe("/_/");
  await page.getByRole("button", { name: "Account of grace@example.com" }).first().waitFor();

  const other = await open();
  await other.goto(link);
  await fill(other, "mallory@example.com");
  await other.getByRole("alert").getByText("This link does not work any more").waitFor();
});
