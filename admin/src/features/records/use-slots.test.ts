import { expect, test } from "vitest";
import { Slots } from "./use-slots";

test("a row keeps its slot while it is drawn, and leaves it to one that comes", () => {
  const slots = new Slots();
  expect(slots.assign(["a", "b", "c"], [])).toEqual([0, 1, 2]);
  expect(slots.assign(["b", "c", "d"], [])).toEqual([1, 2, 0]);
  expect(slots.assign(["c", "b"], [])).toEqual([2, 1]);
  expect(slots.assign(["c", "b", "x", "y"], []).slice(0, 2)).toEqual([2, 1]);
});

test("as many slots are made as rows were drawn at once", () => {
  const slots = new Slots();
  const seen = new Set<number>();
  for (let first = 0; first < 500; first += 7) {
    const ids = Array.from({ length: 20 }, (_, index) => `row ${first + index}`);
    const given = slots.assign(ids, []);
    expect(new Set(given).size).toBe(20);
    for (const slot of given) seen.add(slot);
  }
  expect(seen.size).toBe(20);
});

test("nobody gets the slot of a row that is held", () => {
  const slots = new Slots();
  slots.assign(["a", "b"], []);
  expect(slots.assign(["b", "c"], ["a"])).toEqual([1, 2]);
  expect(slots.assign(["a", "b"], [null, undefined])).toEqual([2, 1]);
});
