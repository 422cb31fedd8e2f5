import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

const signedOut = { "GET /api/admin/session": refusal(401, "Sign in.") };

async function submit(user: ReturnType<typeof renderApp>["user"]) {
  await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), "secret{Enter}");
}

test("a page that needs a session leads to sign in, and back afterwards", async () => {
  const calls = stubServer({
    ...signedOut,
    "POST /api/admin/session": { body: session },
    "GET /api/collections": pageOf([]),
  });
  const { user, address } = renderApp("/collections?search=post");
  await submit(user);
  await waitFor(() => expect(address()).toBe("/collections?search=post"));
  expect(calls.find(({ method }) => method === "POST")?.body).toEqual({
    email: "ada@example.com",
    password: "secret",
  });
});

test("a wrong password is said beside the form, and nothing that was typed is lost", async () => {
  stubServer({ ...signedOut, "POST /api/admin/session": refusal(400, "Failed to authenticate.") });
  const { user } = renderApp("/login");
  await submit(user);
  expect(await screen.findByRole("alert")).toHaveTextContent("E-mail or password is wrong");
  expect(screen.getByLabelText("E-mail")).toHaveValue("ada@example.com");
  expect(screen.getByLabelText("Password")).toHaveFocus();
});

test("where a password is not enough, a code from a mail is asked for", async () => {
  const answers = {
    ...signedOut,
    "POST /api/admin/session": (call: { body: unknown }) => {
      const { password } = call.body as { password: string };
      if (password === "secret") return { status: 401, body: { mfaId: "waiting1" } };
      return password === "12345678" ? { body: session } : refusal(400, "Invalid or expired OTP.");
    },
    "POST /api/collections/_superusers/request-otp": { body: { otpId: "code1" } },
    "GET /api/collections": pageOf([]),
  };
  const calls = stubServer(answers);
  const { user, address } = renderApp("/login");
  await submit(user);
  expect(await screen.findByText("A code is on its way to ada@example.com.")).toBeVisible();
  await user.type(await screen.findByLabelText("Code from the mail"), "1{Enter}");
  expect(await screen.findByRole("alert")).toHaveTextContent("The code is wrong or has expired");
  await user.clear(screen.getByLabelText("Code from the mail"));
  await user.type(screen.getByLabelText("Code from the mail"), "12345678{Enter}");
  await waitFor(() => expect(address()).toBe("/"));
  const second = { mfaId: "waiting1", otpId: "code1", password: "12345678" };
  expect(calls.filter(({ path }) => path === "/api/admin/session").at(-1)?.body).toEqual(second);
});

test("a server that went away can be tried again", async () => {
  let down = true;
  stubServer({
    ...signedOut,
    "POST /api/admin/session": () => (down ? "down" : { body: session }),
    "GET /api/collections": pageOf([]),
  });
  const { user, address } = renderApp("/login");
  await submit(user);
  expect(await screen.findByRole("alert")).toHaveTextContent("The server does not answer");
  down = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(address()).toBe("/"));
});

test("nothing is sent before both are filled in", async () => {
  const calls = stubServer(signedOut);
  const { user } = renderApp("/login");
  await user.click(await screen.findByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("Enter your e-mail address.")).toBeVisible();
  expect(screen.getByLabelText("E-mail")).toHaveAccessibleDescription("Enter your e-mail address.");
  expect(calls.every(({ method }) => method === "GET")).toBe(true);
});

test("who is signed in does not sign in again", async () => {
  stubServer({ "GET /api/admin/session": { body: session }, "GET /api/collections": pageOf([]) });
  const { address } = renderApp("/login?redirect=%2Fplugins");
  await waitFor(() => expect(address()).toBe("/plugins"));
});

test("a server that is away from the start is an error with a way on", async () => {
  let down = true;
  stubServer({ "GET /api/admin/session": () => (down ? "down" : refusal(401, "Sign in.")) });
  const { user } = renderApp("/login");
  expect(await screen.findByRole("heading", { name: "The server does not answer" })).toBeVisible();
  down = false;
  await user.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByLabelText("E-mail")).toBeVisible();
});
