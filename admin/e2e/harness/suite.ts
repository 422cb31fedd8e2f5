/** A server and a browser for the tests of one file, and the check that no page complained. */
import type { Browser, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect } from "vitest";
import { openBrowser, openTab, type Tab } from "./browser";
import { Server } from "./server";

interface SuiteOptions {
  account?: boolean;
  prepare?: (server: Server) => Promise<void>;
}

export function suite({ account = true, prepare }: SuiteOptions = {}) {
  let browser: Browser;
  let server: Server;
  let tabs: Tab[] = [];

  beforeAll(async () => {
    [browser, server] = await Promise.all([openBrowser(), Server.start({ account })]);
    await prepare?.(server);
  });

  afterEach(async ({ task }) => {
    // What the page looked like says more than what was waited for in vain.
    if (task.result?.state === "fail") {
      const path = `screenshots/failed-${task.name.replace(/\W+/g, "-").slice(0, 60)}.png`;
      await tabs.at(-1)?.page.screenshot({ path });
    }
    const problems = tabs.flatMap((tab) => tab.problems);
    await Promise.all(tabs.map((tab) => tab.context.close()));
    tabs = [];
    expect(problems).toEqual([]);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.stop();
  });

  const open = async (options?: BrowserContextOptions): Promise<Page> => {
    const tab = await openTab(browser, server.url, options);
    tabs.push(tab);
    return tab.page;
  };
  /**
   * Does something with each of many in tabs beside each other, in which nothing may change what the others see: while one waits,
   * the machine is the others'.
   */
  const inTabs = async <T>(
    count: number,
    items: T[],
    begin: () => Promise<Page>,
    work: (page: Page, item: T) => Promise<void>,
  ): Promise<void> => {
    const left = [...items];
    const tab = async () => {
      const page = await begin();
      for (let next = left.shift(); next !== undefined; next = left.shift()) await work(page, next);
    };
    await Promise.all(Array.from({ length: count }, tab));
  };
  return { browser: () => browser, server: () => server, open, inTabs };
}

/** Path and search of where a page is, without the origin. */
export function address(page: Page): string {
  const { pathname, search } = new URL(page.url());
  return pathname + search;
}
