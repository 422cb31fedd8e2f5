import { expect, test, vi } from "vitest";
import { collectionOf, followLink } from "./link";

const token = `h.${btoa(JSON.stringify({ collectionId: "_pb_users_auth_" }))}.s`;

test("a link from a mail leads to its page, and its token stays behind the hash", () => {
  const replaceState = vi.fn();
  followLink({ hash: `#/auth/confirm-password-reset/${token}` }, { replaceState });
  expect(replaceState).toHaveBeenCalledWith(null, "", `/_/confirm/password-reset#${token}`);
});

test("a provider's redirect leads to the page that says how it went", () => {
  const replaceState = vi.fn();
  followLink({ hash: "#/auth/oauth2-redirect-success" }, { replaceState });
  followLink({ hash: "#/auth/oauth2-redirect-failure" }, { replaceState });
  expect(replaceState.mock.calls.map((call) => call[2])).toEqual([
    "/_/auth/oauth2-redirect-success",
    "/_/auth/oauth2-redirect-failure",
  ]);
});

test("other addresses stay as they are", () => {
  const replaceState = vi.fn();
  for (const hash of [
    "",
    "#top",
    "#/auth/oauth2-redirect-",
    "#/collections",
    "#/auth/confirm-anything/abc",
    "#/auth/confirm-verification/",
  ]) {
    followLink({ hash }, { replaceState });
  }
  expect(replaceState).not.toHaveBeenCalled();
});

test("a token tells its collection, and nonsense tells nothing", () => {
  expect(collectionOf(token)).toBe("_pb_users_auth_");
  for (const text of ["", "a.b.c", `h.${btoa("[]")}.s`, `h.${btoa("{}")}.s`])
    expect(collectionOf(text)).toBeNull();
});
