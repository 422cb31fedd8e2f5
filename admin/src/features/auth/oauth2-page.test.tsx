import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { renderApp } from "../../../tests/render-app";
import { refusal, stubServer } from "../../../tests/server";

test("who comes back from a provider needs no session to read how it went", async () => {
  const calls = stubServer({ "GET /api/admin/session": refusal(401, "Sign in.") });
  renderApp("/auth/oauth2-redirect-success");
  expect(await screen.findByRole("heading", { name: "You are signed in" })).toBeVisible();
  expect(calls).toEqual([]);
});

test("a sign-in that failed says what to do", async () => {
  stubServer({ "GET /api/admin/session": refusal(401, "Sign in.") });
  renderApp("/auth/oauth2-redirect-failure");
  expect(await screen.findByText(/go back to the app and try again/)).toBeVisible();
});
