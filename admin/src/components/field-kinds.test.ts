import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { fieldOptions, kindLabel } from "./field-kinds";

const options = (field: Partial<Field> & { type: string }) =>
  fieldOptions({ id: "f", name: "f", ...field }, (id) => (id === "pbc_users" ? "users" : undefined));

test("only options that are set are named", () => {
  expect(options({ type: "text", min: 0, max: 0, pattern: "" })).toEqual([]);
  expect(options({ type: "text", min: 3, max: 200, pattern: "^a" })).toEqual([
    "min 3",
    "max 200",
    "matches ^a",
  ]);
  expect(options({ type: "number", onlyInt: true, min: 0, max: 5, unique: true })).toEqual([
    "unique",
    "whole numbers",
    "min 0",
    "max 5",
  ]);
});

test("a relation names its collection, or its id when that is not known", () => {
  expect(options({ type: "relation", collectionId: "pbc_users", maxSelect: 1, cascadeDelete: true })).toEqual(
    ["to users", "deletes along"],
  );
  expect(options({ type: "relation", collectionId: "pbc_gone", maxSelect: 3 })).toEqual([
    "to pbc_gone",
    "up to 3",
  ]);
});

test("a kind of a newer server is shown under its own name", () => {
  expect(kindLabel("hologram")).toBe("hologram");
  expect(options({ type: "hologram" })).toEqual([]);
});
