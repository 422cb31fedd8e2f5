/**
 * Measures how long frames take while ten thousand records are scrolled through with the wheel, and in turn a plain page of the same
 * size in the same browser, which is what the machine itself can do. It asserts no time. `ROUNDS` is how often each is scrolled; with
 * `TRACE=1` it tells what ran in the frames that came late, and is slower for it.
 */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { beginTrace, endTrace } from "./harness/frames";
import { count, drawnMax, name, openManyRows, plainRows, seedManyRows } from "./harness/many-rows";
import { framesTold, isLate, type Scrolled, scrollThrough } from "./harness/scrolling";
import { suite } from "./harness/suite";

const { open, browser } = suite({ prepare: seedManyRows });
const traced = process.env.TRACE === "1";
const rounds = Number(process.env.ROUNDS || 3);

/** With each turn of the wheel: three rows, and nine. */
const speeds = [132, 396];

async function scrolled(page: Page, region: Locator, pixels: number): Promise<Scrolled> {
  await page.bringToFront();
  await region.evaluate((frame) => {
    frame.scrollTop = 0;
  });
  await region.getByText("N-00001").first().waitFor();
  await region.hover();
  if (traced) await beginTrace(browser(), page);
  const found = await scrollThrough(page, region, pixels);
  await region.getByText(`N-${count}`).first().waitFor();
  if (traced) console.log(await endTrace(browser(), found.at, isLate));
  return found;
}

test("the wheel goes through all of them at a steady rate", async () => {
  const plainPage = await open();
  const plain = await plainRows(plainPage);
  const page = await open();
  await openManyRows(page);
  const table = page.getByRole("region", { name });
  for (const pixels of speeds) {
    const ours: Scrolled[] = [];
    const theirs: Scrolled[] = [];
    for (let round = 0; round < rounds; round += 1) {
      theirs.push(await scrolled(plainPage, plain, pixels));
      ours.push(await scrolled(page, table, pixels));
    }
    const drawn = Math.max(...ours.map((each) => each.drawn));
    console.log(
      [
        `${count} rows, ${pixels} px with each turn of the wheel, ${rounds} times each:`,
        `  a plain page\n    ${framesTold(theirs)}`,
        `  the table of records\n    ${framesTold(ours)}`,
        `    rows in the document: ${drawn} at most`,
      ].join("\n"),
    );
    expect(drawn).toBeLessThan(drawnMax);
  }
});
