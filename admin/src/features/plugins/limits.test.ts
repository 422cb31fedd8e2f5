import { expect, test } from "vitest";
import { anAttachment } from "../../../tests/samples";
import { axisWords } from "./axes";
import { leastLimits } from "./limits";

const limits = (fuel: number, wallMs: number) => ({ fuel, wallMs, memoryMb: 16, hostCalls: 64 });

test("of several places the tightest limits count, hook by hook", () => {
  const places = [
    anAttachment({ effectiveLimits: { beforeCreate: limits(10, 50), validate: limits(2, 10) } }),
    anAttachment({ id: "a2", effectiveLimits: { beforeCreate: limits(20, 20) } }),
    anAttachment({ id: "a3" }),
  ];
  expect(leastLimits(places)).toEqual({ beforeCreate: limits(10, 20), validate: limits(2, 10) });
});

test("what a call ran out of is said in words, the unknown under its name", () => {
  expect(axisWords("fuel")).toBe("It ran out of fuel");
  expect(axisWords("patience")).toBe("patience");
});
