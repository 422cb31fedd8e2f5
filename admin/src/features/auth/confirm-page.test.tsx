import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { refusal, stubServer } from "../../../tests/server";

const token = `h.${btoa(JSON.stringify({ collectionId: "users1" }))}.s`;

test("an address is confirmed with one press", async () => {
  const calls = stubServer({ "POST /api/collections/users1/confirm-verification": { status: 204 } });
  const { user } = renderApp(`/confirm/verification#${token}`);
  await user.click(await screen.findByRole("button", { name: "Confirm" }));
  expect(await screen.findByText("The address is confirmed")).toBeVisible();
  expect(calls.map(({ body }) => body)).toEqual([{ token }]);
});

test("a new password is typed twice and sent with the token", async () => {
  const calls = stubServer({ "POST /api/collections/users1/confirm-password-reset": { status: 204 } });
  const { user } = renderApp(`/confirm/password-reset#${token}`);
  await user.type(await screen.findByLabelText("Password"), "another-secret-1");
  await user.type(screen.getByLabelText("Password again"), "different{Enter}");
  expect(await screen.findByText("The two passwords differ.")).toBeVisible();
  expect(calls).toEqual([]);
  await user.clear(screen.getByLabelText("Password again"));
  await user.type(screen.getByLabelText("Password again"), "another-secret-1{Enter}");
  expect(await screen.findByText("The new password is set")).toBeVisible();
  const password = "another-secret-1";
  expect(calls[0]?.body).toEqual({ token, password, passwordConfirm: password });
});

test("what is wrong with a password is said beside it, and what is wrong with the link above", async () => {
  const path = "POST /api/collections/users1/confirm-email-change";
  let data: unknown = {
    password: { code: "validation_invalid_password", message: "Missing or invalid auth record password." },
  };
  stubServer({ [path]: () => refusal(400, "Failed.", data) });
  const { user } = renderApp(`/confirm/email-change#${token}`);
  await user.type(await screen.findByLabelText("Password"), "wrong{Enter}");
  expect(await screen.findByText("Missing or invalid auth record password.")).toBeVisible();
  data = { token: { code: "validation_invalid_token", message: "Invalid or expired token." } };
  await user.type(screen.getByLabelText("Password"), "{Enter}");
  expect(await screen.findByText("This link does not work any more")).toBeVisible();
});

test("a link without its token is incomplete", async () => {
  stubServer({});
  renderApp("/confirm/verification");
  expect(await screen.findByRole("heading", { name: "The link is incomplete" })).toBeVisible();
});
