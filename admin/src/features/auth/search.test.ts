import { expect, test } from "vitest";
import { loginSearch, setupSearch } from "./search";

test.each(["/collections", "/collections?search=a%20b", "/plugins/p1"])("%s is a way back", (redirect) => {
  expect(loginSearch({ redirect })).toEqual({ redirect });
});

test.each([
  "//evil.example",
  "/\\evil.example",
  "https://evil.example",
  "javascript:alert(1)",
  "",
  undefined,
  7,
])("%s is none", (redirect) => {
  expect(loginSearch({ redirect })).toEqual({});
});

test("a token is taken as it is", () => {
  expect(setupSearch({ token: "00e1" })).toEqual({ token: "00e1" });
  expect(setupSearch({})).toEqual({});
});
