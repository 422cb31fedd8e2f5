/** Ten thousand records on one page: only what is in sight is drawn, whatever way one gets there. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { signIn } from "../harness/browser";
import { seedCollections, signedInApi } from "../harness/seed";
import { suite } from "../harness/suite";

const count = 10_000;
/** What fits, and what is drawn ahead of the way. */
const drawnMax = 60;
const name = "Records of invoices";

const { open } = suite({
  prepare: async (server) => {
    await seedCollections(server);
    const number = (index: number) => `N-${String(index + 1).padStart(5, "0")}`;
    const records = Array.from({ length: count }, (_, index) => ({
      number: number(index),
      total: index + 1,
    }));
    await (await signedInApi(server)).fill("invoices", records);
  },
});

interface Watched {
  /** The most rows that stood in the document at once. */
  drawn: number;
  frames: number;
  /** Those that came later than one and a half times their turn. */
  late: number;
  longestMs: number;
}

/** Scrolls from the top to the end, a bit with every frame, and looks at each of them. */
function scrollThrough(page: Page, steps: number): Promise<Watched> {
  return page.getByRole("region", { name }).evaluate(async (frame, wanted) => {
    const turnMs = 1000 / 60;
    const watched = { drawn: 0, frames: 0, late: 0, longestMs: 0 };
    const length = frame.scrollHeight - frame.clientHeight;
    const turn = () => new Promise<number>((done) => requestAnimationFrame(done));
    let before = await turn();
    for (let step = 1; step <= wanted; step += 1) {
      frame.scrollTop = (length * step) / wanted;
      const now = await turn();
      watched.frames += 1;
      watched.late += now - before > turnMs * 1.5 ? 1 : 0;
      watched.longestMs = Math.max(watched.longestMs, now - before);
      watched.drawn = Math.max(watched.drawn, frame.querySelectorAll("tbody tr[aria-rowindex]").length);
      before = now;
    }
    return watched;
  }, steps);
}

test("they are scrolled through, and as many rows are drawn as fit", async () => {
  const page = await open();
  await signIn(page, `/_/collections/invoices/records?perPage=${count}&sort=number`);
  const table = page.getByRole("grid", { name });
  await table.getByText("N-00001").waitFor();
  expect(await table.getAttribute("aria-rowcount")).toBe(String(count + 1));
  // About a row with every frame for a while, then all of it in ten seconds.
  const tracing = await page.context().newCDPSession(page);
  await tracing.send("Performance.enable", { timeDomain: "threadTicks" });
  // The processor's time of the page's own thread, whatever else the machine does.
  const busyMs = async () => {
    const { metrics } = await tracing.send("Performance.getMetrics");
    return 1000 * (metrics.find(({ name: metric }) => metric === "TaskDuration")?.value ?? 0);
  };
  for (const steps of [600, 200]) {
    const before = await busyMs();
    const watched = await scrollThrough(page, steps);
    const perFrameMs = ((await busyMs()) - before) / watched.frames;
    console.log(`${count} rows in ${steps} steps: ${JSON.stringify({ ...watched, perFrameMs })}`);
    expect(watched.drawn).toBeLessThan(drawnMax);
    await table.getByText(`N-${count}`).waitFor();
    await page.getByRole("region", { name }).evaluate((frame) => {
      frame.scrollTop = 0;
    });
    await table.getByText("N-00001").waitFor();
  }
});

test("keys go far down the page, and all of it can be chosen", async () => {
  const page = await open();
  await signIn(page, `/_/collections/invoices/records?perPage=${count}&sort=number`);
  const table = page.getByRole("grid", { name });
  await table.getByText("N-00001").first().click();
  for (let step = 0; step < 30; step += 1) await page.keyboard.press("PageDown");
  await table.getByText("N-00301").waitFor();
  await table.getByLabel("Select all records of this page").click();
  await page
    .getByRole("region", { name: "Selected records" })
    .getByText(/10,000/)
    .waitFor();
  expect(await table.locator("tbody tr[aria-rowindex]").count()).toBeLessThan(drawnMax);
});
