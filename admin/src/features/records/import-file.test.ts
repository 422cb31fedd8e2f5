import { describe, expect, test, vi } from "vitest";
import { aCollection, aField } from "../../../tests/samples";
import {
  columnsParameter,
  csvRows,
  guessTarget,
  importKeys,
  importTargets,
  readImportFile,
} from "./import-file";

const file = (text: string, name = "x.csv") => new File([text], name);

describe("a file", () => {
  test("a CSV with quotes, line breaks within them and a byte order mark", async () => {
    const read = await readImportFile(file('\uFEFFsku;name\r\n1;"A ""quoted""\r\nname"\r\n2;\r\n'));
    expect(read).toMatchObject({
      format: "csv",
      delimiter: ";",
      columns: [
        { name: "sku", sample: "1" },
        { name: "name", sample: 'A "quoted"\r\nname' },
      ],
    });
    expect(csvRows("a\tb\n\n1\t2", "\t", 9)).toEqual([
      ["a", "b"],
      ["1", "2"],
    ]);
  });

  test("a list in JSON and lines are sent as they are", async () => {
    const text = '[{"a": 1},\n {"b": {"c": 2}}]';
    const read = await readImportFile(file(text, "x.json"));
    if ("problem" in read) throw new Error(read.problem);
    expect([read.format, await read.content.text()]).toEqual(["json", text]);
    expect(read.columns).toEqual([
      { name: "a", sample: "1" },
      { name: "b", sample: '{"c":2}' },
    ]);
    const lines = await readImportFile(file('{"a": 1}\n{"a": 2}\n'));
    expect(lines).toMatchObject({ format: "ndjson", columns: [{ name: "a", sample: "1" }] });
    const page = await readImportFile(file('{\n"items": [{"a": 1}]\n}'));
    if ("problem" in page) throw new Error(page.problem);
    expect([page.format, await page.content.text()]).toEqual(["json", '[{"a":1}]']);
  });

  test("of a long list only the beginning is looked at, wherever it is cut", async () => {
    const item = (n: number) => ({ sku: `s${n}`, sizes: [{ name: "}],[{" }], note: "ü".repeat(40) });
    const text = JSON.stringify(Array.from({ length: 2000 }, (_, n) => item(n)));
    const long = file(text, "x.json");
    vi.spyOn(long, "text").mockRejectedValue(new Error("it was read as a whole"));
    const read = await readImportFile(long);
    if ("problem" in read) throw new Error(read.problem);
    expect(read.content).toBe(long);
    expect(read.columns.map(({ name, sample }) => [name, sample.slice(0, 8)])).toEqual([
      ["sku", "s0"],
      ["sizes", '[{"name"'],
      ["note", "üüüüüüüü"],
    ]);
  });

  test("what is nothing or no list is said to be", async () => {
    expect(await readImportFile(file(" \n"))).toEqual({ problem: "empty" });
    expect(await readImportFile(file("[]"))).toEqual({ problem: "empty" });
    expect(await readImportFile(file('[1, {"a": 2}]'))).toEqual({ problem: "json" });
    expect(await readImportFile(file("[{]"))).toEqual({ problem: "json" });
  });
});

const products = aCollection({
  name: "products",
  fields: [
    aField("id", "text", { primaryKey: true }),
    aField("sku", "text"),
    aField("unit_price", "number"),
    aField("created", "autodate"),
  ],
  indexes: [
    "CREATE UNIQUE INDEX `i` ON `products` (`sku`)",
    "CREATE UNIQUE INDEX `j` ON `products` (`a`, `b`)",
  ],
});

test("columns find their fields by name, and only those that differ are sent", () => {
  const targets = importTargets(products);
  expect(targets.map(({ name }) => name)).toEqual(["id", "sku", "unit_price"]);
  expect(["sku", "Unit Price", "created", "Notes"].map((name) => guessTarget(name, targets))).toEqual([
    "sku",
    "unit_price",
    "",
    "",
  ]);
  expect(columnsParameter({ sku: "sku" })).toBeUndefined();
  expect(columnsParameter({ sku: "sku", Notes: "" })).toBe('{"Notes":""}');
  expect(importKeys(products)).toEqual(["id", "sku"]);
});
