import { expect, test } from "vitest";
import { aField } from "../../../tests/samples";
import { conflictOf, mergedLists, resolved } from "./conflict";

const title = aField("title", "text");
const views = aField("views", "number");
const tags = aField("tags", "select", { maxSelect: 9, values: ["a", "b", "c", "d"] });
const fields = [title, views, tags];
const base = { id: "r", title: "one", views: 1, tags: ["a", "b"] };

test("only what both have changed, and to different things, is a conflict", () => {
  const drafts = { title: "mine", views: "2", tags: ["a"] };
  const dirty = ["title", "views", "tags"];
  const stored = { ...base, views: 2, title: "theirs" };
  const conflict = conflictOf(fields, dirty, drafts, base, stored);
  expect(conflict.fields.map(({ field, mine, theirs }) => [field.name, mine, theirs])).toEqual([
    ["title", "mine", "theirs"],
  ]);
  expect(conflict.others).toEqual([]);
  expect(conflictOf(fields, ["title"], { title: "mine" }, base, { ...base, views: 9 })).toEqual({
    fields: [],
    others: ["views"],
  });
});

test("lists take the changes of both", () => {
  expect(mergedLists(["a", "b"], ["a", "c"], ["a", "b", "d"])).toEqual(["a", "d", "c"]);
  expect(mergedLists(["a"], ["a", "b"], ["a"])).toBeNull();
  expect(mergedLists("a", "b", "c")).toBeNull();
});

test("choices become drafts, and fields that are left to others", () => {
  const drafts = { title: "mine", tags: ["a", "c"] };
  const stored = { ...base, title: "theirs", tags: ["a", "b", "d"] };
  const conflict = conflictOf(fields, ["title", "tags"], drafts, base, stored);
  expect(resolved(conflict, {})).toEqual({ drafts: {}, without: [] });
  expect(resolved(conflict, { title: "theirs", tags: "both" })).toEqual({
    drafts: { tags: ["a", "d", "c"] },
    without: ["title"],
  });
});
