/**
 * Measures how long frames take while ten thousand records are scrolled through with the wheel. It asserts no time. With `TRACE=1` it
 * tells what ran in the frames that came late, and is slower for it.
 */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { beginTrace, endTrace } from "./harness/frames";
import { count, drawnMax, name, openManyRows, seedManyRows } from "./harness/many-rows";
import { suite } from "./harness/suite";

const { open, browser } = suite({ prepare: seedManyRows });
const traced = process.env.TRACE === "1";

const turnMs = 1000 / 60;
/** A turn of the wheel for each frame: three rows of it, and nine. */
const speeds = [132, 396];
/** What the clock itself is off by. */
const lateBy = 1;
const isLate = (ms: number) => ms > turnMs + lateBy;

/** Begins to note when each frame comes and how many rows stand in the document. */
async function watchFrames(page: Page): Promise<void> {
  await page.getByRole("region", { name }).evaluate((frame) => {
    const watched = { at: [] as number[], drawn: 0, on: true };
    Object.assign(window, { watched });
    const turn = (now: number) => {
      watched.at.push(now);
      watched.drawn = Math.max(watched.drawn, frame.querySelectorAll("tbody tr[aria-rowindex]").length);
      if (watched.on) requestAnimationFrame(turn);
    };
    requestAnimationFrame(turn);
  });
}

function endWatching(page: Page): Promise<{ at: number[]; drawn: number }> {
  return page.evaluate(() => {
    const { watched } = window as unknown as { watched: { at: number[]; drawn: number; on: boolean } };
    watched.on = false;
    return watched;
  });
}

test("the wheel goes through all of them at a steady rate", async () => {
  const page = await open();
  const table = await openManyRows(page);
  const region = page.getByRole("region", { name });
  const tracing = await page.context().newCDPSession(page);
  await tracing.send("Performance.enable", { timeDomain: "threadTicks" });
  // The processor's time of the page's own thread, whatever else the machine does.
  const busyMs = async () => {
    const { metrics } = await tracing.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name: metric }) => metric === "TaskDuration")?.value ?? 0);
  };
  for (const pixels of speeds) {
    await region.evaluate((frame) => {
      frame.scrollTop = 0;
    });
    await table.getByText("N-00001").waitFor();
    await region.hover();
    if (traced) await beginTrace(browser(), page);
    await watchFrames(page);
    const busyBefore = await busyMs();
    const began = Date.now();
    const height = await region.evaluate((frame) => frame.scrollHeight - frame.clientHeight);
    const turns = Math.ceil(height / pixels);
    for (let turn = 1; turn <= turns; turn += 1) {
      await page.mouse.wheel(0, pixels);
      const ahead = began + turn * turnMs - Date.now();
      if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
    }
    await table.getByText(`N-${count}`).waitFor();
    const busy = (await busyMs()) - busyBefore;
    const { at, drawn } = await endWatching(page);
    const lasted = at.slice(1).map((now, index) => now - (at[index] ?? now));
    const sorted = [...lasted].sort((a, b) => a - b);
    const share = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(1);
    console.log(
      [
        `${count} rows, ${pixels} px with each of ${turns} turns of the wheel:`,
        `  frames ${lasted.length}, p50 ${share(0.5)} ms, p95 ${share(0.95)} ms, p99 ${share(0.99)} ms, longest ${share(1)} ms`,
        `  longer than 16.7 ms (by ${lateBy} ms or more): ${lasted.filter(isLate).length}, than 50 ms: ${lasted.filter((ms) => ms > 50).length}`,
        `  the page's thread: ${(busy / lasted.length).toFixed(2)} ms a frame, ${(busy / turns).toFixed(2)} ms a turn`,
        `  rows in the document: ${drawn} at most`,
      ].join("\n"),
    );
    if (traced) console.log(await endTrace(browser(), at, isLate));
    expect(drawn).toBeLessThan(drawnMax);
  }
});
