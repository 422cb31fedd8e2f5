import { expect, test } from "vitest";
import type { HookFigures } from "@/api/plugin-watch";
import { sideBySide } from "./comparison";
import { configFields, withValue } from "./config-schema";

test("each property becomes a field of its kind", () => {
  const fields = configFields({
    type: "object",
    required: ["field"],
    properties: {
      field: { type: "string", title: "Field", description: "Which one." },
      max: { type: "integer", default: 20 },
      strict: { type: "boolean" },
      mode: { enum: ["a", "b"] },
      words: { type: "array", items: { type: "string" } },
      nested: { type: "object" },
      odd: true,
    },
  });
  expect(fields?.map(({ key, kind }) => [key, kind])).toEqual([
    ["field", "text"],
    ["max", "number"],
    ["strict", "toggle"],
    ["mode", "choice"],
    ["words", "list"],
    ["nested", "json"],
    ["odd", "json"],
  ]);
  expect(fields?.[0]).toMatchObject({ label: "Field", help: "Which one.", required: true });
  expect(fields?.[1]).toMatchObject({ label: "max", initial: 20, whole: true, required: false });
});

test("without a schema of an object there is no form", () => {
  expect(configFields(undefined)).toBeNull();
  expect(configFields({ type: "string" })).toBeNull();
  expect(configFields([])).toBeNull();
});

test("what is emptied is taken out", () => {
  expect(withValue({ a: 1 }, "b", 2)).toEqual({ a: 1, b: 2 });
  expect(withValue({ a: 1, b: 2 }, "a", undefined)).toEqual({ b: 2 });
});

test("versions are compared over all their hooks", () => {
  const figures = (version: string, calls: number, failures: number, p99: number) =>
    ({ version, calls, failures, wallMs: { p99 } }) as HookFigures;
  const hooks = [figures("1", 10, 1, 4), figures("1", 5, 0, 9), figures("2", 2, 2, 1)];
  expect(sideBySide(hooks, ["1", "2", "3"])).toEqual([
    { version: "1", calls: 15, failures: 1, wallMs: 9 },
    { version: "2", calls: 2, failures: 2, wallMs: 1 },
    { version: "3", calls: 0, failures: 0, wallMs: 0 },
  ]);
});
