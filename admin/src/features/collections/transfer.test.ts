import { expect, test } from "vitest";
import { aCollection, aField } from "../../../tests/samples";
import { collectionChanges } from "./collection-changes";
import { indexForCopy, indexSql } from "./index-sql";
import { planImport } from "./transfer";
import { matching } from "./type-picker";

const posts = aCollection({ name: "posts", fields: [aField("title", "text", { max: 10 })] });
const tags = aCollection({ name: "tags" });
const system = aCollection({ name: "_superusers", system: true });

test("an import is compared with what is there", () => {
  const changed = { ...posts, fields: [aField("title", "text", { max: 20 })], listRule: "" };
  const plan = planImport(JSON.stringify([changed, { name: "fresh", type: "base" }]), [posts, tags, system]);
  expect(plan?.items.map(({ name, kind }) => [name, kind])).toEqual([
    ["posts", "changed"],
    ["fresh", "added"],
  ]);
  expect(plan?.items[0]?.changes.map(({ what, details }) => [what, details])).toEqual([
    ["Field title", ["max: 10 → 20"]],
    ["List rule", ["Superusers only → Everyone"]],
  ]);
  expect(plan?.missing.map(({ name }) => name)).toEqual(["tags"]);
  expect(planImport(JSON.stringify(posts), [posts])?.items[0]?.kind).toBe("same");
  for (const text of ["", "{", "[]", "[1]", '"posts"', "{}"]) expect(planImport(text, [])).toBeNull();
});

test("fields that a file does not name stay, unless what is missing is to be deleted", () => {
  const before = aCollection({
    name: "posts",
    fields: [aField("title", "text", { max: 10 }), aField("kept", "text"), aField("old", "bool")],
  });
  const old = before.fields[2];
  const given = [
    { name: "title", type: "text", max: 20 },
    { ...old, name: "renamed" },
    { name: "new", type: "url" },
  ];
  const text = JSON.stringify({ name: "posts", fields: given });
  const whats = (deleteMissing: boolean) =>
    planImport(text, [before], deleteMissing)?.items[0]?.changes.map(({ kind, what }) => `${kind} ${what}`);
  expect(whats(false)).toEqual(["changed Field title", "changed Field renamed", "added Field new"]);
  expect(whats(true)).toContain("removed Field kept");
  const less = JSON.stringify({ ...before, fields: before.fields.slice(0, 1) });
  expect(planImport(less, [before])?.items[0]?.kind).toBe("same");
});

test("changes are named by what they are", () => {
  const before = aCollection({ fields: [aField("a", "text"), aField("b", "text"), aField("c", "bool")] });
  const kinds = collectionChanges(before, {
    name: "renamed",
    fields: [aField("b", "text"), aField("a", "text"), { name: "d", type: "url" } as never],
  }).map(({ kind, what }) => `${kind} ${what}`);
  expect(kinds).toEqual(["added Field d", "removed Field c", "changed Order of the fields", "changed Name"]);
  expect(collectionChanges(before, { ...before })).toEqual([]);
});

test("the SQL of indexes", () => {
  expect(indexSql("posts", ["a", "b"], false)).toBe("CREATE INDEX `idx_posts_a_b` ON `posts` (`a`, `b`)");
  expect(indexForCopy("CREATE UNIQUE INDEX \"i\" ON posts (a) WHERE a != ''", "copy", 0)).toBe(
    "CREATE UNIQUE INDEX `idx_copy_1` ON `copy` (a) WHERE a != ''",
  );
});

test("a kind is found by a word, with the name in front", () => {
  expect(matching("price num")).toEqual({ kinds: ["number"], name: "price" });
  expect(matching("").kinds.length).toBeGreaterThan(10);
  expect(matching("zebra").kinds).toEqual([]);
});
