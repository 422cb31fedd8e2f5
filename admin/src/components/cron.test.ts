import { expect, test } from "vitest";
import { readCron } from "./cron";

/** A Friday. */
const now = new Date("2026-01-02T03:04:05.678Z");

function next(expression: string, count = 1): string[] {
  const reading = readCron(expression, now, count);
  return reading.kind === "times" ? reading.times.map((time) => time.toISOString().slice(0, 16)) : [];
}

test.each([
  ["* * * * *", "2026-01-02T03:05"],
  ["0 */6 * * *", "2026-01-02T06:00"],
  ["@daily", "2026-01-03T00:00"],
  ["@midnight", "2026-01-03T00:00"],
  ["5,10 4-5 * * 1-5", "2026-01-02T04:05"],
  // Both the day and the weekday: the first 13th that is a Friday.
  ["0 0 13 * 5", "2026-02-13T00:00"],
  ["0 9 * * MON", "2026-01-05T09:00"],
  ["0 0 * * 7", "2026-01-04T00:00"],
  ["0 0 1 feb *", "2026-02-01T00:00"],
  ["20/20 * * * *", "2026-01-02T03:20"],
  ["0 0 29 2 *", "2028-02-29T00:00"],
])("the next time of %s is %s", (expression, expected) => {
  expect(next(expression)).toEqual([expected]);
});

test("several times follow each other", () => {
  expect(next("30 3,15 * * *", 3)).toEqual(["2026-01-02T03:30", "2026-01-02T15:30", "2026-01-03T03:30"]);
});

test("what never comes has no times", () => {
  expect(readCron("0 0 31 2 *", now, 3)).toEqual({ kind: "times", times: [] });
});

test.each(["", "* * * *", "60 * * * *", "0 0 * * * *", "@reboot", "a b c d e", "5-1 * * * *", "*/0 * * * *"])(
  "%s is no expression",
  (expression) => {
    expect(readCron(expression, now, 1)).toEqual({ kind: "wrong" });
  },
);

test.each(["0 0 L * *", "0 0 15W * *", "0 0 * * 5#2", "0 0 * * 5L"])(
  "%s is left to the server",
  (expression) => {
    expect(readCron(expression, now, 1)).toEqual({ kind: "unknown" });
  },
);
