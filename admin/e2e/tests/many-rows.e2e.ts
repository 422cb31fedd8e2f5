/**
 * Ten thousand records on one page: only what is in sight is drawn, whatever way one gets there. How long the frames take meanwhile
 * is measured by `e2e/bench-rows.ts`.
 */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { count, drawnMax, name, openManyRows, seedManyRows } from "../harness/many-rows";
import { suite } from "../harness/suite";

const { open } = suite({ prepare: seedManyRows });

/** Scrolls from the top to the end, a bit with every frame, and counts the most rows that stood in the document at once. */
function scrollThrough(page: Page, steps: number): Promise<number> {
  return page.getByRole("region", { name }).evaluate(async (frame, wanted) => {
    let drawn = 0;
    const length = frame.scrollHeight - frame.clientHeight;
    for (let step = 1; step <= wanted; step += 1) {
      frame.scrollTop = (length * step) / wanted;
      await new Promise<number>((done) => requestAnimationFrame(done));
      drawn = Math.max(drawn, frame.querySelectorAll("[data-row]").length);
    }
    return drawn;
  }, steps);
}

test("they are scrolled through, and as many rows are drawn as fit", async () => {
  const page = await open();
  const table = await openManyRows(page);
  expect(await table.getAttribute("aria-rowcount")).toBe(String(count + 1));
  for (const steps of [600, 200]) {
    expect(await scrollThrough(page, steps)).toBeLessThan(drawnMax);
    await table.getByText(`N-${count}`).waitFor();
    await page.getByRole("region", { name }).evaluate((frame) => {
      frame.scrollTop = 0;
    });
    await table.getByText("N-00001").waitFor();
  }
});

test("keys go far down the page, and all of it can be chosen", async () => {
  const page = await open();
  const table = await openManyRows(page);
  await table.getByText("N-00001").first().click();
  for (let step = 0; step < 30; step += 1) await page.keyboard.press("PageDown");
  await table.getByText("N-00301").waitFor();
  await table.getByLabel("Select all records of this page").click();
  await page
    .getByRole("region", { name: "Selected records" })
    .getByText(/10,000/)
    .waitFor();
  expect(await table.locator("[data-row]").count()).toBeLessThan(drawnMax);
});

test("rows hand their elements on, but not the focus; at rest they stand in the document as they do on the page", async () => {
  const page = await open();
  const table = await openManyRows(page);
  const region = page.getByRole("region", { name });
  const first = table.getByRole("row").filter({ hasText: "N-00002" }).getByRole("checkbox");
  await first.focus();
  await region.evaluate((frame) => {
    for (const row of frame.querySelectorAll("[data-row]")) row.setAttribute("data-begun", "");
  });
  await region.hover();
  for (let turn = 0; turn < 60; turn += 1) {
    await page.mouse.wheel(0, 132);
    await region.evaluate(() => new Promise(requestAnimationFrame));
  }
  await table.getByText("N-00170").waitFor();
  // Some of those from the beginning are still in use, and none of them has brought the focus along.
  expect(await table.locator("[data-row][data-begun]").count()).toBeGreaterThan(0);
  expect(await page.evaluate(() => document.activeElement?.closest("[data-row]") ?? null)).toBeNull();
  const numbers = () =>
    region.evaluate((frame) =>
      [...frame.querySelectorAll("[data-row]")].map((row) => Number(row.getAttribute("aria-rowindex"))),
    );
  await expect.poll(async () => inOrder(await numbers())).toBe(true);
  await page.keyboard.press("Space");
  expect(await table.getByRole("checkbox", { checked: true }).count()).toBe(0);
});

test("an editor that is open keeps the cell of its record, wherever one scrolls", async () => {
  const page = await open();
  const table = await openManyRows(page);
  const region = page.getByRole("region", { name });
  const row = table.getByRole("row").filter({ hasText: "N-00003" });
  const id = await row.getAttribute("data-row");
  const cell = row.getByRole("gridcell", { name: "3", exact: true });
  await cell.evaluate((element) => element.setAttribute("data-edited", ""));
  await cell.dblclick();
  const editor = page.getByRole("dialog", { name: "Edit total" });
  await editor.getByLabel("total").fill("x");
  await page.keyboard.press("Enter");
  await editor.getByText("Enter a number.").waitFor();
  await table
    .getByRole("row")
    .filter({ hasText: "N-00010" })
    .getByRole("gridcell", { name: "10", exact: true })
    .click();
  await region.hover({ position: { x: 20, y: 400 } });
  for (let turn = 0; turn < 40; turn += 1) {
    await page.mouse.wheel(0, 132);
    await region.evaluate(() => new Promise(requestAnimationFrame));
  }
  await table.getByText("N-00110").waitFor();
  const edited = table.locator("[data-edited]");
  expect(await edited.evaluate((element) => element.closest("[data-row]")?.getAttribute("data-row"))).toBe(
    id,
  );
  await region.evaluate((frame) => {
    frame.scrollTop = 0;
  });
  await editor.getByLabel("total").fill("333");
  await editor.getByRole("button", { name: "Save" }).click();
  await editor.waitFor({ state: "detached" });
  expect(await edited.textContent()).toBe("333");
});

test("rows stand still in the document while a pointer is down on one, so that its press is a click", async () => {
  const page = await open();
  const table = await openManyRows(page);
  const region = page.getByRole("region", { name });
  const numbers = () =>
    region.evaluate((frame) =>
      [...frame.querySelectorAll("[data-row]")].map((row) => Number(row.getAttribute("aria-rowindex"))),
    );
  const box = await table
    .getByRole("checkbox", { name: /^Select/ })
    .nth(6)
    .boundingBox();
  if (!box) throw new Error("no checkbox");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  // The press comes with the last turn, before the rows are put in order.
  await region.evaluate(async (frame) => {
    for (let turn = 1; turn <= 30; turn += 1) {
      frame.scrollTop = turn * 132;
      await new Promise(requestAnimationFrame);
    }
  });
  await page.mouse.down();
  await page.evaluate(() => new Promise((done) => setTimeout(done, 500)));
  expect(inOrder(await numbers())).toBe(false);
  await page.mouse.up();
  await expect.poll(() => table.getByRole("checkbox", { checked: true }).count()).toBe(1);
  await expect.poll(async () => inOrder(await numbers())).toBe(true);
});

function inOrder(numbers: number[]): boolean {
  return numbers.length > 0 && numbers.every((number, at) => at === 0 || number > (numbers[at - 1] ?? 0));
}
