import { expect, test } from "vitest";
import { anAttachment, aPlugin } from "../../../tests/samples";
import { inOrder, lastOrder, type Placement, renumbered } from "./order";

const placed = (id: string, order: number, created = ""): Placement => ({
  plugin: aPlugin({ id: `p_${id}` }),
  attachment: anAttachment({ id, order, created }),
});
const changes = (placements: Placement[], moved: string) =>
  renumbered(placements, moved).map(({ placement, order }) => [placement.attachment.id, order]);

test("they stand as the server calls them", () => {
  const [a, b, c] = [placed("a", 5), placed("b", 0, "2026-02"), placed("c", 0, "2026-01")];
  expect(inOrder([a, b, c])).toEqual([c, b, a]);
});

test("what is added runs last", () => {
  expect(lastOrder([])).toBe(0);
  expect(lastOrder([placed("a", 3), placed("b", -4)])).toBe(13);
});

test("where there is room, only what was moved is changed", () => {
  expect(changes([placed("b", 20), placed("a", 10)], "b")).toEqual([["b", 0]]);
  expect(changes([placed("b", 20), placed("a", 10)], "a")).toEqual([["a", 30]]);
  expect(changes([placed("a", 10), placed("c", 40), placed("b", 20)], "c")).toEqual([["c", 15]]);
});

test("without room all are numbered anew", () => {
  expect(changes([placed("a", 0), placed("c", 2), placed("b", 1)], "c")).toEqual([
    ["a", 10],
    ["c", 20],
    ["b", 30],
  ]);
});

test("a negative gap is no room", () => {
  expect(changes([placed("a", 4), placed("b", 4), placed("c", 4)], "b")).toEqual([
    ["a", 10],
    ["b", 20],
    ["c", 30],
  ]);
});

test("what is not there moves nothing", () => {
  expect(changes([placed("a", 0)], "z")).toEqual([]);
});
