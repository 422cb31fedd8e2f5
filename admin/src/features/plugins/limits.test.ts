import { expect, test } from "vitest";
import { anAttachment, someLimits } from "../../../tests/samples";
import { axisWords } from "./axes";
import { leastLimits } from "./limits";

const limits = (fuel: number, wallMs: number) => someLimits({ fuel, wallMs });

test("of several places the tightest limits count, hook by hook", () => {
  const places = [
    anAttachment({ effectiveLimits: { beforeCreate: limits(10, 50), validate: limits(2, 10) } }),
    anAttachment({ id: "a2", effectiveLimits: { beforeCreate: limits(20, 20) } }),
    anAttachment({ id: "a3" }),
  ];
  const others = { memoryMb: 16, hostCalls: 64 };
  expect(leastLimits(places)).toEqual({
    beforeCreate: { fuel: 10, wallMs: 20, ...others },
    validate: { fuel: 2, wallMs: 10, ...others },
  });
});

test("what a call ran out of is said in words, the unknown under its name", () => {
  expect(axisWords("fuel")).toBe("It ran out of fuel");
  expect(axisWords("patience")).toBe("patience");
});
