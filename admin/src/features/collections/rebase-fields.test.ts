import { expect, test } from "vitest";
import { aField } from "../../../tests/samples";
import { rebasedFields } from "./rebase-fields";
import { newField } from "./use-collection-draft";

const title = aField("title", "text", { max: 100 });
const views = aField("views", "number");
const base = [title, views];
const drafts = (fields: (typeof title)[]) =>
  fields.map((field) => ({ key: field.id, field, isNew: false, removed: false }));
const names = (fields: ReturnType<typeof rebasedFields>) => fields.map(({ field }) => field.name);

test("a draft stays as it is while nobody else saves", () => {
  const draft = drafts(base);
  expect(rebasedFields(draft, base, [{ ...title }, { ...views }])).toBe(draft);
});

test("what somebody else added is not taken away by a list that did not know it", () => {
  const mine = [...drafts(base), newField("slug", "text", {})];
  const theirs = [title, aField("summary", "text"), views];
  expect(names(rebasedFields(mine, base, theirs))).toEqual(["title", "summary", "views", "slug"]);
});

test("of one field, the settings that were changed here and those that were changed there both hold", () => {
  const mine = drafts([{ ...title, max: 50 }, views]);
  const theirs = [{ ...title, max: 200, required: true }, views];
  expect(rebasedFields(mine, base, theirs)[0]?.field).toMatchObject({ max: 50, required: true });
});

test("what was removed here stays marked, what was deleted there is gone", () => {
  const [first, second] = drafts(base);
  const mine = [{ ...first, removed: true }, second] as ReturnType<typeof drafts>;
  const rebased = rebasedFields(mine, base, [{ ...title, max: 7 }]);
  expect(rebased.map(({ field, removed }) => [field.name, removed])).toEqual([["title", true]]);
});
