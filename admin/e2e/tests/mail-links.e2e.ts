import { afterAll, beforeAll, expect, test } from "vitest";
import { Postbox } from "../harness/postbox";
import { superuser } from "../harness/server";
import { address, suite } from "../harness/suite";

let postbox: Postbox;
beforeAll(async () => {
  postbox = await Postbox.open();
});
afterAll(() => postbox.close());

const { server, open } = suite();

async function send(method: string, path: string, body: unknown, token = ""): Promise<{ token?: string }> {
  const headers = { "Content-Type": "application/json", Authorization: token };
  const reply = await fetch(server().url + path, { method, headers, body: JSON.stringify(body) });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text}`);
  return text ? JSON.parse(text) : {};
}

async function tokenOf(password: string): Promise<string> {
  const path = "/api/collections/_superusers/auth-with-password";
  return (await send("POST", path, { identity: superuser.email, password })).token ?? "";
}

test("the link of a mail sets a new password, with which one signs in; a code is asked for where it is demanded", async () => {
  const smtp = { enabled: true, host: "127.0.0.1", port: postbox.port, username: "", tls: false };
  const meta = { appURL: server().url };
  await send("PATCH", "/api/settings", { smtp, meta }, await tokenOf(superuser.password));
  await send("POST", "/api/collections/_superusers/request-password-reset", { email: superuser.email });
  const link = await postbox.find(/href="([^"]+confirm-password-reset[^"]+)"/);

  const page = await open();
  await page.goto(link);
  await page.getByLabel("Password", { exact: true }).fill("another-secret-1");
  await page.getByLabel("Password again").fill("another-secret-1");
  expect(address(page)).toBe("/_/confirm/password-reset");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("The new password is set").waitFor();

  await page.reload();
  await page.getByLabel("Password", { exact: true }).fill("another-secret-2");
  await page.getByLabel("Password again").fill("another-secret-2");
  await page.getByRole("button", { name: "Set password" }).click();
  await page.getByText("This link does not work any more").waitFor();

  const otp = { enabled: true, emailTemplate: { subject: "code", body: "<p>code={OTP};</p>" } };
  await send("PATCH", "/api/collections/_superusers", { otp }, await tokenOf("another-secret-1"));
  await page.goto("/_/");
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill("another-secret-1");
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Code from the mail").fill(await postbox.find(/code=(\d+);/));
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("heading", { name: "Home", exact: true }).waitFor();
});
