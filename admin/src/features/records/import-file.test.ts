import { describe, expect, test } from "vitest";
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

  test("a list in JSON becomes lines, and lines stay as they are", async () => {
    const read = await readImportFile(file('[{"a": 1},\n {"b": {"c": 2}}]', "x.json"));
    if ("problem" in read) throw new Error(read.problem);
    expect(await read.content.text()).toBe('{"a":1}\n{"b":{"c":2}}');
    expect(read.columns).toEqual([
      { name: "a", sample: "1" },
      { name: "b", sample: '{"c":2}' },
    ]);
    const lines = await readImportFile(file('{"a": 1}\n{"a": 2}\n'));
    expect(lines).toMatchObject({ format: "ndjson", columns: [{ name: "a", sample: "1" }] });
    expect(await readImportFile(file('{"items": [{"a": 1}]}'))).toMatchObject({ format: "ndjson" });
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
