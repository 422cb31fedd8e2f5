import { expect, test } from "vitest";
import { aCollection } from "../../../tests/samples";
import { accessOf, actionRules } from "./rules";

test("a missing rule locks, an empty one opens, anything else decides", () => {
  expect(accessOf(null)).toBe("locked");
  expect(accessOf("")).toBe("public");
  expect(accessOf("  ")).toBe("public");
  expect(accessOf("@request.auth.id != ''")).toBe("expression");
});

test("a view cannot be written", () => {
  const view = aCollection({ type: "view", listRule: "", viewRule: null });
  expect(actionRules(view).map(({ action, access }) => `${action} ${access}`)).toEqual([
    "list public",
    "view locked",
    "create absent",
    "update absent",
    "delete absent",
  ]);
});
