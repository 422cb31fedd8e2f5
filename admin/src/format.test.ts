import { expect, test } from "vitest";
import { formatAgo, formatBytes, formatDuration, formatMilliseconds, parseMoment } from "@/format";

test("sizes step up by thousands and keep a decimal only where it says something", () => {
  expect(formatBytes(0)).toBe("0 bytes");
  expect(formatBytes(999)).toBe("999 bytes");
  expect(formatBytes(1500)).toBe("1.5 kB");
  expect(formatBytes(91_234)).toBe("91 kB");
  expect(formatBytes(12_000_000)).toBe("12 MB");
});

test("durations", () => {
  expect(formatMilliseconds(4.26)).toBe("4.3 ms");
  expect(formatMilliseconds(212)).toBe("212 ms");
  expect(formatMilliseconds(1840)).toBe("1.8 sec");
  expect(formatMilliseconds(59_940)).toBe("59.9 sec");
  expect(formatMilliseconds(59_960)).toBe("1 min");
  expect(formatMilliseconds(90_000)).toBe("1 min, 30 sec");
  expect(formatMilliseconds(3_600_000)).toBe("1 hr");
  expect(formatDuration(0)).toBe("0 seconds");
  expect(formatDuration(60)).toBe("1 minute");
  expect(formatDuration(90)).toBe("1 minute, 30 seconds");
  expect(formatDuration(7200)).toBe("2 hours");
  expect(formatDuration(90_061)).toBe("1 day, 1 hour");
  expect(formatDuration(86_460)).toBe("1 day");
});

test("moments of the API are read with their blank, and nonsense has none", () => {
  expect(parseMoment("2026-11-22 10:00:00.000Z")?.toISOString()).toBe("2026-11-22T10:00:00.000Z");
  expect(parseMoment("")).toBeNull();
});

test("how long ago, in the largest unit that fits", () => {
  const now = new Date("2026-11-22T12:00:00Z");
  const ago = (text: string) => formatAgo(new Date(text), now);
  expect(ago("2026-11-22T11:59:30Z")).toBe("just now");
  expect(ago("2026-11-22T11:15:00Z")).toBe("45 minutes ago");
  expect(ago("2026-11-21T12:00:00Z")).toBe("yesterday");
  expect(ago("2024-11-22T12:00:00Z")).toBe("2 years ago");
});
