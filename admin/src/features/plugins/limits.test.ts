import { expect, test } from "vitest";
import { anAttachment, someLimits } from "../../../tests/samples";
import { axisWords } from "./axes";
import { leastLimits, usualLimits } from "./limits";

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

test("what is usual is told for what a place does not say itself, at its tightest moment", () => {
  expect(usualLimits(null)).toEqual({});
  const place = anAttachment({
    limits: { wallMs: 20, fuel: null },
    effectiveLimits: { beforeCreate: limits(10, 20), validate: limits(2, 10) },
  });
  const usual = usualLimits(place);
  expect(usual.fuel).toBe(2);
  expect(usual.memoryMb).toBe(16);
  expect(usual.wallMs).toBeUndefined();
});

test("what a call ran out of is said in words, the unknown under its name", () => {
  expect(axisWords("fuel")).toBe("It ran out of fuel");
  expect(axisWords("patience")).toBe("patience");
});
