import { expect, test } from "vitest";
import { Slots } from "./use-slots";

test("a row keeps its slot while it is drawn, and leaves it to one that comes", () => {
  const slots = new Slots();
  expect(slots.assign(["a", "b", "c"], [])).toEqual([0, 1, 2]);
  expect(slots.assign(["b", "c", "d"], [])).toEqual([1, 2, 0]);
  expect(slots.assign(["c", "b"], [])).toEqual([2, 1]);
  expect(slots.assign(["c", "b", "x", "y"], []).slice(0, 2)).toEqual([2, 1]);
});

test("as many slots are made as rows come beyond those that go", () => {
  const slots = new Slots();
  const seen = new Set<number>();
  const draw = (first: number, count: number) => {
    const given = slots.assign(
      Array.from({ length: count }, (_, index) => `row ${first + index}`),
      [],
    );
    expect(new Set(given).size).toBe(count);
    for (const slot of given) seen.add(slot);
    return seen.size;
  };
  for (let first = 0; first < 500; first += 7) expect(draw(first, 20)).toBe(20);
  // One fewer loses its element, so that one more needs another.
  expect(draw(500, 19)).toBe(20);
  expect(draw(501, 20)).toBe(21);
});

test("no element is moved until it may be, and then they stand in order", () => {
  const slots = new Slots();
  const drawn = (ids: string[]) => {
    const given = slots.assign(ids, []);
    return ids.map((id, at) => ({ id, key: given[at] ?? -1 }));
  };
  const order = (ids: string[], mayMove: boolean) =>
    slots.inDocument(drawn(ids), mayMove).map(({ id }) => id);
  expect(order(["a", "b", "c"], true)).toEqual(["a", "b", "c"]);
  expect(order(["b", "c", "d"], false)).toEqual(["d", "b", "c"]);
  expect(order(["b", "c", "d", "e"], false)).toEqual(["d", "b", "c", "e"]);
  expect(order(["b", "c", "d", "e"], true)).toEqual(["b", "c", "d", "e"]);
  expect(order(["b", "c", "d", "e"], false)).toEqual(["b", "c", "d", "e"]);
});

test("nobody gets the slot of a row that is held", () => {
  const slots = new Slots();
  slots.assign(["a", "b"], []);
  expect(slots.assign(["b", "c"], ["a"])).toEqual([1, 2]);
  expect(slots.assign(["a", "b"], [null, undefined])).toEqual([2, 1]);
});
