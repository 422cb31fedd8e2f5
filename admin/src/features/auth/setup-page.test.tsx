import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { pageOf, refusal, session, stubServer } from "../../../tests/server";

async function fill(user: ReturnType<typeof renderApp>["user"], password: string, again: string) {
  await user.type(await screen.findByLabelText("E-mail"), "ada@example.com");
  await user.type(screen.getByLabelText("Password"), password);
  await user.type(screen.getByLabelText("Password again"), `${again}{Enter}`);
}

test("the account is made with the token of the link, and signed in", async () => {
  const calls = stubServer({
    "POST /api/admin/setup": { body: session },
    "GET /api/collections": pageOf([]),
  });
  const { user, address } = renderApp("/setup?token=123");
  await fill(user, "a long password", "a long password");
  await waitFor(() => expect(address()).toBe("/"));
  expect(calls[0]?.body).toEqual({
    token: "123",
    email: "ada@example.com",
    password: "a long password",
    passwordConfirm: "a long password",
  });
});

test("two different passwords never leave the page", async () => {
  const calls = stubServer({});
  const { user } = renderApp("/setup?token=123");
  await fill(user, "a long password", "another password");
  expect(await screen.findByText("The two passwords differ.")).toBeVisible();
  expect(calls).toEqual([]);
});

test("what the server says of a field stands at that field", async () => {
  const data = {
    password: { code: "validation_length_out_of_range", message: "Use 10 characters or more." },
  };
  stubServer({ "POST /api/admin/setup": refusal(400, "Failed to create.", data) });
  const { user } = renderApp("/setup?token=123");
  await fill(user, "12345678", "12345678");
  expect(await screen.findByText("Use 10 characters or more.")).toBeVisible();
  expect(screen.getByLabelText("Password")).toBeInvalid();
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a used link is explained", async () => {
  stubServer({ "POST /api/admin/setup": refusal(403, "The token was used.") });
  const { user } = renderApp("/setup?token=123");
  await fill(user, "a long password", "a long password");
  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("This link does not work any more");
  expect(alert).toHaveTextContent("The token was used.");
  expect(screen.getByRole("link", { name: "Go to sign in" })).toHaveAttribute("href", "/_/login");
});

test("without a token there is no form", async () => {
  stubServer({});
  renderApp("/setup");
  expect(await screen.findByText("The set-up link is incomplete")).toBeVisible();
  expect(screen.queryByLabelText("E-mail")).toBeNull();
});
