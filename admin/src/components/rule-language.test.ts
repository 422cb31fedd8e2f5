import { expect, test } from "vitest";
import { aCollection, aField } from "../../tests/samples";
import { filterFor, presentation } from "./presentation";
import { completeRule, rulePresets } from "./rule-language";

const people = aCollection({
  name: "people",
  type: "auth",
  fields: [aField("id", "text"), aField("role", "select", { values: ["admin", "editor"] })],
});
const posts = aCollection({
  name: "posts",
  fields: [
    aField("title", "text", { presentable: true }),
    aField("author", "relation", { collectionId: people.id, maxSelect: 1 }),
    aField("tags", "select", { values: ["red", "blue"], maxSelect: 5 }),
  ],
});
const collections = [posts, people];

/** What is offered where the bar is. */
function offered(text: string): string[] {
  const position = text.indexOf("|");
  const found = completeRule(text.replace("|", ""), position, { collection: posts, collections });
  return found?.options.map(({ label }) => label) ?? [];
}

test("fields, macros and the request at the beginning of a word", () => {
  expect(offered("ti|")).toEqual(expect.arrayContaining(["title", "author", "@now", "@request.auth.id"]));
  expect(completeRule("a = 1 && ti", 11, { collection: posts, collections })?.from).toBe(9);
});

test("a dot leads through relations, back-relations and other collections", () => {
  expect(offered("author.|")).toEqual(expect.arrayContaining(["role", "posts_via_author"]));
  expect(offered("author.posts_via_author.|")).toContain("title");
  expect(offered("@collection.|")).toEqual(["posts", "people"]);
  expect(offered("@collection.people.|")).toContain("role");
  expect(offered("@collection.people:other.|")).toContain("role");
  expect(offered("nothing.|")).toEqual([]);
});

test("below the request there are its parts, who asks, and what was sent", () => {
  expect(offered("@request.|")).toEqual(["auth", "body", "query", "headers", "method", "context"]);
  expect(offered("@request.auth.|")).toEqual(expect.arrayContaining(["id", "role", "email"]));
  expect(offered("@request.body.|")).toContain("title");
});

test("a colon offers the modifiers that fit", () => {
  expect(offered("@request.body.title:|")).toEqual([":isset", ":changed", ":lower"]);
  expect(offered("tags:|")).toEqual([":length", ":each", ":lower"]);
});

test("within quotes there are the values of the field on the left, and nothing else", () => {
  expect(offered("author.role = '|")).toEqual(["admin", "editor"]);
  expect(offered('tags:each ?= "|')).toEqual(["red", "blue"]);
  expect(offered("@request.context != '|")).toContain("realtime");
  expect(offered("title = 'it|")).toEqual([]);
  expect(offered("title = 'it\\'s' && ti|")).toContain("title");
});

test("rules that are often wanted speak of what there is", () => {
  expect(rulePresets(posts, collections).map(({ rule }) => rule)).toEqual([
    "@request.auth.id != ''",
    "author = @request.auth.id",
  ]);
  expect(rulePresets(people, collections).at(-1)?.rule).toBe("id = @request.auth.id");
});

test("words search, expressions are filters, and a record is called by what it presents", () => {
  expect(filterFor("a = 1", posts.fields)).toBe("a = 1");
  expect(filterFor(" it's ", posts.fields)).toBe(`id ~ 'it\\'s' || title ~ 'it\\'s' || tags ~ 'it\\'s'`);
  expect(filterFor("  ", posts.fields)).toBeUndefined();
  expect(presentation({ id: "r1", title: "Hello" }, posts)).toBe("Hello");
  expect(presentation({ id: "r1", title: "" }, posts)).toBe("r1");
});
