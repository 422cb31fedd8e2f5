import { expect, test } from "vitest";
import { cellKeyAction } from "./cell-keys";
import { editableAfter, placeAfter, placeOf } from "./use-grid";

test("arrows move by one, and stop at the edges", () => {
  expect(placeAfter("ArrowRight", { row: 0, column: 0 }, 3, 2)).toEqual({ row: 0, column: 1 });
  expect(placeAfter("ArrowRight", { row: 0, column: 1 }, 3, 2)).toEqual({ row: 0, column: 1 });
  expect(placeAfter("ArrowUp", { row: 0, column: 1 }, 3, 2)).toEqual({ row: 0, column: 1 });
  expect(placeAfter("PageDown", { row: 0, column: 1 }, 30, 2)).toEqual({ row: 10, column: 1 });
  expect(placeAfter("End", { row: 1, column: 0 }, 3, 4)).toEqual({ row: 1, column: 3 });
  expect(placeAfter("x", { row: 1, column: 0 }, 3, 4)).toBeNull();
});

test("Tab finds the next cell that can be edited, over the end of the row", () => {
  const editable = [false, true, false, true];
  expect(editableAfter({ row: 0, column: 1 }, 1, 2, editable)).toEqual({ row: 0, column: 3 });
  expect(editableAfter({ row: 0, column: 3 }, 1, 2, editable)).toEqual({ row: 1, column: 1 });
  expect(editableAfter({ row: 1, column: 3 }, 1, 2, editable)).toBeNull();
  expect(editableAfter({ row: 1, column: 1 }, -1, 2, editable)).toEqual({ row: 0, column: 3 });
});

test("a place is read from where something is", () => {
  document.body.innerHTML = `<div data-cell="2:3"><a href="#x">x</a></div><p>out</p>`;
  expect(placeOf(document.querySelector("a"))).toEqual({ row: 2, column: 3 });
  expect(placeOf(document.querySelector("p"))).toBeNull();
});

test("which keys end an open cell", () => {
  document.body.innerHTML = `<div><input id="a"><textarea id="b"></textarea><button id="c" role="switch"></button>
    <footer><button id="d"></button></footer></div>`;
  const content = document.querySelector("div") as HTMLElement;
  const press = (id: string, key: string, options: KeyboardEventInit = {}, kind = "text") => {
    const event = new KeyboardEvent("keydown", { key, ...options });
    Object.defineProperty(event, "target", { value: document.getElementById(id) });
    return cellKeyAction(event, content, kind);
  };
  expect(press("a", "Enter")).toBe("stay");
  expect(press("b", "Enter")).toBe("stay");
  expect(press("b", "Enter", { shiftKey: true })).toBeNull();
  expect(press("b", "Enter", {}, "json")).toBeNull();
  expect(press("b", "Enter", { ctrlKey: true }, "json")).toBe("stay");
  expect(press("c", "Enter")).toBe("stay");
  expect(press("d", "Enter")).toBeNull();
  expect(press("a", "Tab")).toBeNull();
  expect(press("a", "Tab", { shiftKey: true })).toBe("previous");
  expect(press("c", "Tab")).toBe("next");
});
