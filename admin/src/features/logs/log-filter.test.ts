import { expect, test } from "vitest";
import { activityFilter, barsOf, chartFilter, listFilter, spanStart } from "./log-filter";
import { logsSearch } from "./search";

const now = Date.parse("2026-11-28T11:47:00Z");

test("a span begins on the hour, and its last bar is the present one", () => {
  expect(new Date(spanStart("day", now)).toISOString()).toBe("2026-11-27T12:00:00.000Z");
  const bars = barsOf([{ date: "2026-11-28 11:00:00.000Z", total: 3 }], "day", now);
  expect(bars).toHaveLength(24);
  expect(bars.at(-1)).toEqual({
    startMs: Date.parse("2026-11-28T11:00:00Z"),
    endMs: Date.parse("2026-11-28T12:00:00Z"),
    total: 3,
  });
});

test("hours fall into longer bars, and what is out of sight into none", () => {
  const hours = [
    { date: "2026-11-28 06:00:00.000Z", total: 1 },
    { date: "2026-11-28 11:00:00.000Z", total: 2 },
    { date: "2025-01-01 00:00:00.000Z", total: 9 },
  ];
  const bars = barsOf(hours, "week", now);
  expect(bars).toHaveLength(28);
  expect(bars.at(-1)?.total).toBe(3);
  expect(bars.reduce((sum, { total }) => sum + total, 0)).toBe(3);
});

test("what is chosen becomes one filter", () => {
  expect(chartFilter({}, now)).toBe("created >= '2026-11-27 12:00:00.000Z'");
  expect(chartFilter({ outcome: "failed", filter: "data.method = 'GET' || id = ''" }, now)).toBe(
    "created >= '2026-11-27 12:00:00.000Z' && data.status >= 500 && (data.method = 'GET' || id = '')",
  );
  expect(chartFilter({ filter: "o'k" }, now)).toContain("data.url ~ 'o\\'k'");
  expect(listFilter({ from: "2026-11-28T10:00:00.000Z" }, now)).toContain(
    "created >= '2026-11-28 10:00:00.000Z' && created < '2026-11-28 11:00:00.000Z'",
  );
  expect(listFilter({ from: "nonsense" }, now)).toBe(chartFilter({}, now));
  expect(activityFilter({})).toBeUndefined();
  expect(activityFilter({ kind: "record", filter: "action = 'delete'" })).toBe(
    "kind = 'record' && (action = 'delete')",
  );
});

test("the address of the logs", () => {
  expect(logsSearch({ tab: "activity", span: "day", page: "2", outcome: "x", entry: "e" })).toEqual({
    tab: "activity",
    page: 2,
    entry: "e",
  });
});
