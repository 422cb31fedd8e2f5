import { expect, test, vi } from "vitest";
import { collectionOf, followMailLink } from "./mail-link";

const token = `h.${btoa(JSON.stringify({ collectionId: "_pb_users_auth_" }))}.s`;

test("a link from a mail leads to its page, and its token stays behind the hash", () => {
  const replaceState = vi.fn();
  followMailLink({ hash: `#/auth/confirm-password-reset/${token}` }, { replaceState });
  expect(replaceState).toHaveBeenCalledWith(null, "", `/_/confirm/password-reset#${token}`);
});

test("other addresses stay as they are", () => {
  const replaceState = vi.fn();
  for (const hash of ["", "#top", "#/auth/confirm-anything/abc", "#/auth/confirm-verification/"]) {
    followMailLink({ hash }, { replaceState });
  }
  expect(replaceState).not.toHaveBeenCalled();
});

test("a token tells its collection, and nonsense tells nothing", () => {
  expect(collectionOf(token)).toBe("_pb_users_auth_");
  for (const text of ["", "a.b.c", `h.${btoa("[]")}.s`, `h.${btoa("{}")}.s`])
    expect(collectionOf(text)).toBeNull();
});
