import { expect, test } from "vitest";
import { fillSignIn, signIn, signInAtForm } from "../harness/browser";
import { allCode } from "../harness/rest";
import { superuser } from "../harness/server";
import { address, suite } from "../harness/suite";

const { server, open } = suite();

test("a wrong password is said beside the form", async () => {
  const page = await open();
  await page.goto("/_/");
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill("not the password");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("alert").getByText("E-mail or password is wrong").waitFor();
  expect(await page.getByLabel("E-mail").inputValue()).toBe(superuser.email);
});

test("the session is a cookie that no script can read, and survives a reload", async () => {
  const page = await open();
  await signInAtForm(page);
  const cookies = await page.context().cookies();
  expect(cookies.map(({ httpOnly, sameSite }) => ({ httpOnly, sameSite }))).toEqual([
    { httpOnly: true, sameSite: "Strict" },
  ]);
  const stored = await page.evaluate(() => [
    document.cookie,
    ...Object.values({ ...localStorage, ...sessionStorage }),
  ]);
  for (const { value } of cookies) expect(stored.join(" ")).not.toContain(value);

  await page.reload();
  await page.getByRole("heading", { name: "Home", exact: true }).waitFor();
});

test("a session that ended leads to sign in, and back to the same address", async () => {
  const page = await open();
  await signIn(page, "/_/collections?search=user&system=yes");
  await page.getByLabel("Search collections").waitFor();
  await page.context().clearCookies();
  // Coming back to the tab is when the dashboard looks whether it is still signed in.
  await page.getByRole("link", { name: "Plugins", exact: true }).locator("visible=true").click();
  await page.getByText("Your session has ended").waitFor();
  await fillSignIn(page);
  await page.getByRole("heading", { name: "Plugins", exact: true }).waitFor();
  expect(address(page)).toBe("/_/plugins");
});

test("an address that needs a session is where signing in leads", async () => {
  const page = await open();
  await signInAtForm(page, "/_/collections?search=user&system=yes");
  await page.getByLabel("Search collections").waitFor();
  expect(address(page)).toBe("/_/collections?search=user&system=yes");
  expect(await page.getByLabel("Search collections").inputValue()).toBe("user");
});

test("signing out takes the cookie away, and every page asks to sign in", async () => {
  const page = await open();
  await signInAtForm(page);
  await page
    .getByRole("button", { name: /^Account of/ })
    .locator("visible=true")
    .click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  expect(await page.context().cookies()).toEqual([]);
  await page.goto("/_/plugins");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
});

test("while the server is away the dashboard says so, and goes on when it is back", async () => {
  const page = await open();
  await signIn(page, "/_/collections");
  await page.getByRole("heading", { name: "Collections", exact: true }).waitFor();
  // The code of the other pages is fetched ahead, once the first one stands.
  await allCode(page);
  await server().halt();
  await page.getByRole("link", { name: "Plugins", exact: true }).locator("visible=true").click();
  await page.getByText("Connection to the server lost.").waitFor();
  await page.getByRole("heading", { name: "The server does not answer" }).waitFor();
  await server().resume();
  await page.getByRole("button", { name: "Retry now" }).click();
  await page.getByText("Connection to the server lost.").waitFor({ state: "detached" });
  await page.getByRole("heading", { name: "No plugins yet" }).waitFor();
});

test("an address that there is not leaves the navigation to go on with", async () => {
  const page = await open();
  await signIn(page, "/_/no/such/page");
  await page.getByRole("heading", { name: "There is no page here", level: 1 }).waitFor();
  expect(await page.getByRole("main").count()).toBe(1);
  await page.getByRole("link", { name: "Plugins", exact: true }).locator("visible=true").click();
  await page.getByRole("heading", { name: "Plugins", exact: true }).waitFor();
});
