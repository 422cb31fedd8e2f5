import { expect, test } from "vitest";
import { address, suite } from "../harness/suite";

const { server, open } = suite({ account: false });

test("the printed link makes the first account, once", async () => {
  const link = await server().setupLink();
  const page = await open();
  await page.goto(link);
  await page.getByLabel("E-mail").fill("grace@example.com");
  await page.getByLabel("Password", { exact: true }).fill("a nanosecond is a foot");
  await page.getByLabel("Password again").fill("a nanosecond is a foot");
  await page.getByRole("button", { name: "Create account" }).click();
  await page.getByRole("heading", { name: "Home", exact: true }).waitFor();
  expect(address(page)).toBe("/_/");
  await page.getByRole("button", { name: "Account of grace@example.com" }).first().waitFor();

  const other = await open();
  await other.goto(link);
  await other.getByLabel("E-mail").fill("mallory@example.com");
  await other.getByLabel("Password", { exact: true }).fill("a nanosecond is a foot");
  await other.getByLabel("Password again").fill("a nanosecond is a foot");
  await other.getByRole("button", { name: "Create account" }).click();
  await other.getByRole("alert").getByText("This link does not work any more").waitFor();
});
