import { expect, test } from "vitest";
import { changeAsCurl, creationAsCurl } from "./collection-curl";

test("a change is told to a shell, with the quotes of its rules kept", () => {
  const text = changeAsCurl("http://h", "a b", { listRule: "status = 'open'" });
  expect(text).toContain("curl -X PATCH 'http://h/api/collections/a%20b'");
  expect(text).toContain(`"listRule": "status = '\\''open'\\''"`);
});

test("so is a collection that is to be", () => {
  const text = creationAsCurl("http://h", { name: "notes", type: "base" });
  expect(text).toContain("curl -X POST 'http://h/api/collections'");
  expect(text).toContain('"name": "notes"');
});
