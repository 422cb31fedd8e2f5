import { expect, test } from "vitest";
import { aCollection, aField } from "../../../tests/samples";
import { documentOf, madeUp, objectIn, takes, trialOf } from "./sample";

test("a hook takes what its moment knows", () => {
  expect(takes("beforeCreate")).toEqual({ draft: true, original: false });
  expect(takes("validate")).toEqual({ draft: true, original: false });
  expect(takes("afterUpdate")).toEqual({ draft: true, original: true });
  expect(takes("beforeDelete")).toEqual({ draft: false, original: true });
});

test("a made-up record has something in each field that can be set", () => {
  const collection = aCollection({
    fields: [
      aField("id", "text", { system: true }),
      aField("title", "text"),
      aField("status", "select", { values: ["draft", "live"], maxSelect: 1 }),
      aField("tags", "relation", { maxSelect: 3 }),
      aField("author", "relation", { maxSelect: 1 }),
      aField("secret", "text", { hidden: true }),
      aField("created", "autodate"),
    ],
  });
  expect(madeUp(collection)).toEqual({ title: "Example", status: "draft", tags: [], author: "" });
});

const chosen = {
  collection: "posts",
  document: { title: "New" },
  stored: { id: "r1", title: "Old" },
  config: null,
  version: "",
  asGuest: false,
};

test("an update is tried with the stored record beside the changed one", () => {
  expect(trialOf({ ...chosen, hook: "beforeUpdate" })).toEqual({
    hook: "beforeUpdate",
    collection: "posts",
    record: { title: "New" },
    original: "r1",
  });
  expect(trialOf({ ...chosen, hook: "beforeUpdate", stored: null }).original).toEqual({ title: "New" });
});

test("a create has no past, a delete no future", () => {
  expect(trialOf({ ...chosen, hook: "validate", config: { max: 2 }, version: "3", asGuest: true })).toEqual({
    hook: "validate",
    collection: "posts",
    record: { title: "New" },
    config: { max: 2 },
    version: "3",
    as: "guest",
  });
  expect(trialOf({ ...chosen, hook: "afterDelete" })).toEqual({
    hook: "afterDelete",
    collection: "posts",
    original: { title: "New" },
  });
});

test("what is about a record is not in it, and only an object is one", () => {
  expect(documentOf({ id: "r1", collectionId: "c", collectionName: "posts", title: "x" })).toEqual({
    id: "r1",
    title: "x",
  });
  expect(objectIn("")).toEqual({});
  expect(objectIn('{"a":1}')).toEqual({ a: 1 });
  expect(objectIn("[1]")).toBeNull();
  expect(objectIn("{")).toBeNull();
});
