/** What the folder promises about itself. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { english } from "@/i18n";

function files(folder: string): { path: string; text: string }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(tsx?|css|mjs|js)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("node_modules") && !path.endsWith(".gen.ts"))
    .map((path) => ({ path, text: readFileSync(path, "utf8") }));
}

const source = files("src");
const all = [
  ...source,
  ...files("tests"),
  ...files("e2e"),
  ...files("scripts"),
  ...files("codegen"),
  ...files("public"),
];
const screens = source.filter(({ path }) => path.endsWith(".tsx") && !path.endsWith(".test.tsx"));

test("no file is longer than 300 lines", () => {
  const long = all.filter(({ text }) => text.split("\n").length > 301).map(({ path }) => path);
  expect(long).toEqual([]);
});

test("no text for people is written into a component", () => {
  const texts = screens.flatMap(({ path, text }) => {
    const children = text.matchAll(/^\s*(?:<[^<>=]*>)?([A-Z][a-z]+(?: [a-z]+)+[.…?]?)(?:<\/.*)?$/gm);
    const attributes = text.matchAll(/\b(?:aria-label|placeholder|title|alt|label)="([^"]+)"/g);
    return [...children, ...attributes].map(([, found]) => `${path}: ${found}`);
  });
  expect(texts).toEqual([]);
});

test("a feature reaches no other by a relative path", () => {
  const crossings = source.flatMap(({ path, text }) =>
    [...text.matchAll(/from "(\.\.\/[^"]+)"/g)]
      .map(([, target]) => target as string)
      .filter((target) => path.startsWith("src/features/") && !target.startsWith("../../../tests/"))
      .map((target) => `${path}: ${target}`),
  );
  expect(crossings).toEqual([]);
});

test("every text of the catalogue is used", () => {
  const code = source
    .filter(({ path }) => !path.includes("strings/"))
    .map(({ text }) => text)
    .join("\n");
  const keys = Object.keys(english);
  expect(keys.filter((key) => !code.includes(`"${key}"`))).toEqual([]);
});

test.each(["package-lock.json", "codegen/package-lock.json"])(
  "%s names no place to download from",
  (path) => {
    expect(readFileSync(path, "utf8")).not.toMatch(/https?:\/\/[^"]*\.tgz/);
  },
);
