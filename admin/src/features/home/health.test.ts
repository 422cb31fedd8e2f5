import { expect, test } from "vitest";
import { someStats } from "../../../tests/samples";
import { findings, processorShare } from "./health";

test("a server without failures has nothing to tell", () => {
  expect(findings(someStats())).toEqual([]);
});

test("what is wrong is told, with how bad it is", () => {
  const stats = someStats({
    requests: { ...someStats().requests, total: 1000, byStatus: { "2xx": 980, "5xx": 20 } },
    outbox: { pending: 1, dead: 3 },
    logs: { dropped: 7 },
    plugins: [
      { id: "p1", name: "slugify", version: "1", state: "active", calls: 10, failures: 1, refusals: 0 },
    ],
  });
  expect(findings(stats)).toEqual([
    { condition: "bad", text: "20 requests failed since the start" },
    { condition: "bad", text: "3 events for plugins were given up" },
    { condition: "watch", text: "1 call of a plugin failed" },
    { condition: "watch", text: "7 entries of the request log were dropped" },
  ]);
  const few = someStats({
    requests: { ...someStats().requests, total: 1000, byStatus: { "5xx": 2 } },
  });
  expect(findings(few)[0]?.condition).toBe("watch");
});

test("the processor is told between two looks, over all cores", () => {
  const at = (uptimeS: number, cpuSeconds: number) =>
    someStats({ uptimeS, process: { ...someStats().process, cpuSeconds, cores: 2 } });
  expect(processorShare(at(100, 10), at(110, 15))).toBe(0.25);
  expect(processorShare(undefined, at(100, 20))).toBe(0.1);
  expect(processorShare(at(100, 10), at(100, 10))).toBeCloseTo(0.05);
});
