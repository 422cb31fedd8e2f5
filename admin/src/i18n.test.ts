import { expect, test } from "vitest";
import { t } from "@/i18n";

test("a plain message is its text", () => {
  expect(t("login.title")).toBe("Sign in");
});

test("places are filled, and numbers are written as people write them", () => {
  expect(t("user.menu", { email: "ada@example.com" })).toBe("Account of ada@example.com");
  expect(t("attachments.limit.fuel", { value: 10_000_000 })).toBe("fuel 10,000,000");
});

test("the plural form follows the count", () => {
  expect(t("collections.count", { count: 1 })).toBe("1 collection");
  expect(t("collections.count", { count: 0 })).toBe("0 collections");
  expect(t("collections.countFiltered", { shown: 2, count: 1204 })).toBe("2 of 1,204 collections");
});

test("what a person typed is put in as it is", () => {
  expect(t("search.none", { text: "{count} $& \\" })).toBe("Nothing matches “{count} $& \\”");
});

test("no text has the name of another", () => {
  const files = import.meta.glob<Record<string, object>>("./strings/*.ts", { eager: true });
  const names = Object.values(files).flatMap((file) =>
    Object.values(file).flatMap((texts) => Object.keys(texts)),
  );
  expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
});
