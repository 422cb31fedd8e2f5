import { expect, test } from "vitest";
import { ApiError } from "@/api/errors";
import { aCollection, aField } from "../../../tests/samples";
import { completeSql, spelled } from "./complete";
import { asCsv, asJson } from "./rows-text";
import { problemOf, writes } from "./statement";
import { remembered } from "./use-statements";

test.each([
  "UPDATE posts SET title = 'x'",
  "update or ignore posts set views = 1",
  "INSERT INTO posts (title) SELECT title FROM posts",
  "replace into posts values (1)",
  "-- select\nDELETE FROM posts",
  "/* select */ delete\nfrom posts",
  'UPDATE "posts" SET title = NULL',
  "WITH old AS (SELECT id FROM posts) DELETE FROM posts WHERE id IN (SELECT id FROM old)",
])("%s is asked about", (query) => {
  expect(writes(query)).toBe(true);
});

test.each([
  "SELECT replace(title, 'a', 'b') FROM posts",
  "SELECT 'delete from posts'",
  "WITH x AS (SELECT 'insert into posts') SELECT * FROM x",
  "WITH x AS (SELECT 1 /* update posts set */) SELECT * FROM x -- delete from posts",
  'WITH x AS (SELECT 1 AS "delete from posts") SELECT * FROM x',
  "EXPLAIN DELETE FROM posts",
  "PRAGMA table_info(posts)",
  "VALUES (1)",
])("%s is only read", (query) => {
  expect(writes(query)).toBe(false);
});

test("an error is the statement's own, or somebody else's", () => {
  const refused = { kind: "refused" as const, status: 400 };
  const raw = 'Failed to execute query. Raw error:\nnear "SELEC": syntax error';
  expect(problemOf(new ApiError({ ...refused, message: raw }))).toBe('near "SELEC": syntax error');
  const fields = { query: { code: "validation_required", message: "Cannot be blank." } };
  expect(problemOf(new ApiError({ ...refused, message: "No.", fields }))).toBe("Cannot be blank.");
  expect(problemOf(new ApiError({ kind: "refused", status: 503, message: "Busy." }))).toBeNull();
  expect(problemOf(new ApiError({ kind: "network", status: 0, message: "" }))).toBeNull();
});

const answer = {
  execTime: 1,
  affectedRows: 0,
  truncated: false,
  columns: ["a", "b", "a", "a_2"].map((name) => ({ name, type: "", nullable: true })),
  rows: [
    [null, "", 'say "x", twice\n', "1"],
    ["é", " b", "plain", null],
  ],
};

test("CSV tells NULL from an empty text, and quotes what has to be", () => {
  expect(asCsv(answer)).toBe('a,b,a,a_2\r\n,"","say ""x"", twice\n",1\r\né," b",plain,\r\n');
});

test("JSON keeps every column, also where names are the same", () => {
  expect(JSON.parse(asJson(answer))).toEqual([
    { a: null, b: "", a_3: 'say "x", twice\n', a_2: "1" },
    { a: "é", b: " b", a_3: "plain", a_2: null },
  ]);
});

const collections = [
  aCollection({ name: "posts", fields: [aField("title", "text"), aField("order", "number")] }),
  aCollection({ name: "users", fields: [aField("email", "email"), aField("tokenKey", "text")] }),
];
const offered = (before: string, after = "") =>
  completeSql(before + after, before.length, collections)?.options.map(({ label }) => label);

test("tables, their columns and words are offered, and nothing within a text", () => {
  expect(offered("SELECT * FROM po")).toEqual(expect.arrayContaining(["posts", "users", "SELECT"]));
  expect(offered("SELECT ti", " FROM posts")).toEqual(expect.arrayContaining(["title", '"order"']));
  expect(offered("SELECT ti", " FROM users")).not.toContain("title");
  expect(offered("SELECT u.", " FROM posts p JOIN users AS u ON 1")).toEqual(["email"]);
  expect(offered("SELECT posts.", " FROM posts")).toEqual(["title", '"order"']);
  expect(offered("SELECT nothing.", " FROM posts")).toBeUndefined();
  expect(offered("SELECT 'po")).toBeUndefined();
  expect(completeSql("SELECT p.ti FROM posts p", 11, collections)?.from).toBe(9);
});

test("a name that is also a word of SQL stands in quotes", () => {
  expect(["posts", "order", "index", "Transaction"].map(spelled)).toEqual([
    "posts",
    '"order"',
    '"index"',
    '"Transaction"',
  ]);
});

test("a statement is remembered once, where it was used last, and not for ever", () => {
  expect(remembered(["a", "b"], " b ")).toEqual(["b", "a"]);
  expect(remembered(["a"], "  ")).toEqual(["a"]);
  const many = Array.from({ length: 30 }, (_, index) => `${index}`).reduce<string[]>(remembered, []);
  expect(many).toHaveLength(20);
  expect(many[0]).toBe("29");
});
