import { expect, test } from "vitest";
import { anAttachment, aPlugin } from "../../../tests/samples";
import type { Placement } from "./order";
import { writePath } from "./write-path";

const placed = (name: string, hooks: string[], enabled = true, state: "active" | "disabled" = "active") =>
  ({
    plugin: aPlugin({ id: name, name, state }),
    attachment: anAttachment({ id: `a_${name}`, hooks, enabled }),
  }) satisfies Placement;
const met = (placements: Placement[], write: "create" | "update" | "delete") =>
  writePath(placements, write).map(({ key, plugins }) => [key, plugins.map(({ plugin }) => plugin.name)]);

test("a write meets the plugins of its kind, each at its stop", () => {
  const all = [
    placed("slugify", ["beforeCreate", "beforeUpdate"]),
    placed("audit", ["afterCreate", "validate"]),
  ];
  expect(met(all, "create")).toEqual([
    ["rule", []],
    ["before", ["slugify"]],
    ["validate", ["audit"]],
    ["commit", []],
    ["after", ["audit"]],
  ]);
  expect(met(all, "update")[1]).toEqual(["before", ["slugify"]]);
});

test("a delete is not validated", () => {
  expect(met([placed("limit", ["validate"])], "delete").map(([key]) => key)).toEqual([
    "rule",
    "before",
    "commit",
    "after",
  ]);
});

test("what is switched off is not met", () => {
  const off = [placed("a", ["beforeCreate"], false), placed("b", ["beforeCreate"], true, "disabled")];
  expect(met(off, "create")[1]).toEqual(["before", []]);
});
