/** How long frames take while a region is scrolled through with the wheel. */
import type { Locator, Page } from "playwright-core";

export const turnMs = 1000 / 60;
/** What the clock itself is off by. */
const lateBy = 1;

/** Whether a frame took longer than its turn. */
export const isLate = (ms: number) => ms > turnMs + lateBy;
/** Whether at least one frame was left out: the next one came when its turn was half over. */
const isDropped = (ms: number) => ms > 1.5 * turnMs;
const isLong = (ms: number) => ms > 50;

export interface Scrolled {
  turns: number;
  /** When each frame came. */
  at: number[];
  /** The most rows that stood in the document. */
  drawn: number;
  /** The processor's time of the page's own thread, whatever else the machine does. */
  busyMs: number;
}

/** A turn of the wheel for each frame, from the top to the end. */
export async function scrollThrough(page: Page, region: Locator, pixels: number): Promise<Scrolled> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const busyMs = async () => {
    const { metrics } = await session.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0);
  };
  await watchFrames(region);
  const busyBefore = await busyMs();
  const began = Date.now();
  const height = await region.evaluate((frame) => frame.scrollHeight - frame.clientHeight);
  const turns = Math.ceil(height / pixels);
  for (let turn = 1; turn <= turns; turn += 1) {
    await page.mouse.wheel(0, pixels);
    const ahead = began + turn * turnMs - Date.now();
    if (ahead > 0) await new Promise((done) => setTimeout(done, ahead));
  }
  await page.waitForFunction(
    (frame) => frame && frame.scrollTop + frame.clientHeight >= frame.scrollHeight - 1,
    await region.elementHandle(),
  );
  const busy = (await busyMs()) - busyBefore;
  const watched = await endWatching(page);
  await session.detach();
  return { turns, busyMs: busy, ...watched };
}

/** Begins to note when each frame comes and how many rows stand in the document. */
async function watchFrames(region: Locator): Promise<void> {
  await region.evaluate((frame) => {
    const watched = { at: [] as number[], drawn: 0, on: true };
    Object.assign(window, { watched });
    const body = frame.querySelector("[data-row]")?.parentElement;
    const turn = (now: number) => {
      watched.at.push(now);
      watched.drawn = Math.max(watched.drawn, body?.childElementCount ?? 0);
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

/** The figures of several rounds in one text. */
export function framesTold(rounds: Scrolled[]): string {
  const lasted = rounds.flatMap(({ at }) => at.slice(1).map((now, index) => now - (at[index] ?? now)));
  const sorted = [...lasted].sort((a, b) => a - b);
  const share = (part: number) => (sorted[Math.floor(part * (sorted.length - 1))] ?? 0).toFixed(1);
  const count = (what: (ms: number) => boolean) => lasted.filter(what).length;
  const sum = (what: (round: Scrolled) => number) => rounds.reduce((all, round) => all + what(round), 0);
  const busy = sum((round) => round.busyMs);
  return [
    `frames ${lasted.length}, p50 ${share(0.5)} ms, p95 ${share(0.95)} ms, p99 ${share(0.99)} ms, longest ${share(1)} ms`,
    `longer than 16.7 ms (by ${lateBy} ms or more): ${count(isLate)}, than 25 ms: ${count(isDropped)}, than 50 ms: ${count(isLong)}`,
    `the page's thread: ${(busy / lasted.length).toFixed(2)} ms a frame, ${(busy / sum(({ turns }) => turns)).toFixed(2)} ms a turn`,
  ].join("\n    ");
}
