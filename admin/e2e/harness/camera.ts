/** The looks that every screen is photographed in, and the way from one to the next. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { expect } from "vitest";
import { desktop, openTab, phone } from "./browser";
import { seedRecords } from "./seed";
import type { Server } from "./server";
import { suite } from "./suite";

export const folder = "screenshots";
const looks = [
  { name: "light", options: { colorScheme: "light", viewport: desktop } },
  { name: "dark", options: { colorScheme: "dark", viewport: desktop } },
  { name: "tablet", options: { colorScheme: "light", viewport: { width: 820, height: 900 } } },
  { name: "phone", options: { colorScheme: "light", viewport: phone, hasTouch: true, isMobile: true } },
  { name: "phone-dark", options: { colorScheme: "dark", viewport: phone, hasTouch: true, isMobile: true } },
] as const;
/** `LOOKS=dark,phone` leaves the others out. */
const wanted = process.env.LOOKS?.split(",");

/**
 * `still` takes the picture at once: where a request is held, the network never comes to rest. `whole` takes the page to its end,
 * and not only what is in the window.
 */
type Shoot = (name: string, options?: { still?: boolean; whole?: boolean }) => Promise<void>;
export type Take = (page: Page, shoot: Shoot) => Promise<void>;

/** One screen after the other for every look, then on to the next state of the data. */
export async function shootWith(browser: Browser, server: Server, take: Take): Promise<void> {
  for (const look of looks.filter(({ name }) => wanted?.includes(name) ?? true)) {
    const { page, context } = await openTab(browser, server.url, look.options);
    await mkdir(join(folder, look.name), { recursive: true });
    const shoot: Shoot = async (name, { still = false, whole = false } = {}) => {
      if (!still) await page.waitForLoadState("networkidle");
      await page.screenshot({ path: join(folder, look.name, `${name}.png`), fullPage: whole });
    };
    try {
      await take(page, shoot);
    } catch (error) {
      // What has failed is the error to read, also where the page has died with it.
      await shoot(`failed-${testName()}`, { still: true }).catch(() => undefined);
      throw error;
    }
    await context.close();
  }
}

/** Of the test that runs, as the name of a file. */
function testName(): string {
  return (expect.getState().currentTestName ?? "").replace(/[^\w-]+/g, "-").slice(0, 80);
}

/** A server with records and a browser for the pictures of one file. */
export function album() {
  const { browser, server } = suite({ prepare: seedRecords });
  return { server, shootAll: (take: Take) => shootWith(browser(), server(), take) };
}
