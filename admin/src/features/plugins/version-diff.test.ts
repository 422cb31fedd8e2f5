import { expect, test } from "vitest";
import { aPlugin } from "../../../tests/samples";
import { byPackage, contractVersion } from "./interfaces";
import { asksMore, versionDiff, waitingVersion } from "./version-diff";

const one = aPlugin({ version: "1", exports: ["before-create"], capabilities: ["log"], size: 100 });
const two = aPlugin({
  version: "2",
  exports: ["tinybase:plugin/validator@0.1.0", "before-create"],
  capabilities: ["records", "wasi:cli"],
  imports: ["wasi:cli/exit@0.2.6"],
  size: 150,
  sha256: "b".repeat(64),
});

test("exports, capabilities and size are compared", () => {
  const diff = versionDiff(one, two);
  expect(diff.exports).toEqual([
    { name: "before-create", kind: "kept" },
    { name: "validator", kind: "added" },
  ]);
  expect(diff.capabilities).toEqual([
    { name: "log", kind: "removed" },
    { name: "records", kind: "added" },
  ]);
  expect(diff.imports).toEqual([{ name: "wasi:cli/exit@0.2.6", kind: "added" }]);
  expect(diff).toMatchObject({ sizeDelta: 50, same: false });
  expect(versionDiff(one, { ...one, version: "3" }).same).toBe(true);
});

test("only a newer version that asks for more, or was never called, waits", () => {
  expect(asksMore(one, two)).toEqual(["records"]);
  expect(waitingVersion(one, [one, two])).toBe(two);
  expect(waitingVersion(two, [one, two])).toBeNull();
  expect(waitingVersion(one, [one, { ...two, capabilities: ["log"] }])).toBeNull();
  expect(waitingVersion(one, [])).toBeNull();

  const kept = { ...two, capabilities: ["log"], activated: "" };
  expect(waitingVersion(one, [one, kept])).toBe(kept);
  expect(waitingVersion({ ...one, canary: { version: "2", share: 5 } }, [one, kept])).toBeNull();
});

test("interfaces stand under their package and its version", () => {
  expect(
    byPackage([
      "wasi:io/streams@0.2.6",
      "tinybase:plugin/records@0.1.0",
      "tinybase:plugin/log@0.1.0",
      "validator",
    ]),
  ).toEqual([
    { name: "", interfaces: ["validator"] },
    { name: "tinybase:plugin@0.1.0", interfaces: ["log", "records"] },
    { name: "wasi:io@0.2.6", interfaces: ["streams"] },
  ]);
});

test("the contract is told by what is imported of it", () => {
  expect(contractVersion(["wasi:io/streams@0.2.6", "tinybase:plugin/types@0.1.0"])).toBe("0.1.0");
  expect(contractVersion([])).toBeNull();
});
