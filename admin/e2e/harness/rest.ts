/** When a page has come to rest: it shows what it has asked for. */
import type { Page, Request } from "playwright-core";

const underWay = new WeakMap<Page, Set<Request>>();

/** Keeps in mind what a page asks the server for from now on. */
export function watchRequests(page: Page): void {
  const open = new Set<Request>();
  underWay.set(page, open);
  page.on("request", (request) => open.add(request));
  page.on("requestfinished", (request) => open.delete(request));
  page.on("requestfailed", (request) => open.delete(request));
}

/** What stands for something that comes: bars, editors whose code is not there yet, lists that are read anew. */
const waiting = "[data-slot=skeleton], [aria-busy=true]";

/** How often in a row nothing may be under way: what has come may ask for more when it is drawn. */
const looks = 3;
const limitMs = 30_000;

/** Data. Code that is fetched ahead is no part of what is shown, and streams never end. */
const isData = (request: Request) => ["fetch", "xhr"].includes(request.resourceType());
const isCode = (request: Request) => request.resourceType() === "script";

/**
 * Waits until the title is there, nothing says that it is still coming, and no answer is outstanding, also after that was drawn.
 * Unlike silence on the network, which is half a second by definition, this takes some frames.
 */
export async function atRest(page: Page): Promise<void> {
  await page.locator("h1").first().waitFor();
  await without(page, isData);
}

/** The same after something was pressed: what it opens may come with code of its own, which is no part of a page until then. */
export async function openedAtRest(page: Page): Promise<void> {
  await without(page, (request) => isData(request) || isCode(request));
}

/** Goes to an address, and waits until what is there is there. */
export async function settled(page: Page, path: string): Promise<void> {
  await page.goto(path);
  await atRest(page);
}

/** Waits until the code of all pages has been fetched ahead, which is what a page without a server can still go on to. */
export async function allCode(page: Page): Promise<void> {
  await page.waitForResponse(/plugins-page/);
  await without(page, isCode);
}

async function without(page: Page, isMeant: (request: Request) => boolean): Promise<void> {
  const deadline = Date.now() + limitMs;
  for (let quiet = 0; quiet < looks; ) {
    const left = await page.evaluate(drawn, waiting);
    const asked = [...(underWay.get(page) ?? [])].filter(isMeant);
    quiet = left.length === 0 && asked.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline) {
      const urls = asked.map((request) => request.url());
      throw new Error(`${page.url()} does not come to rest: ${[...left, ...urls].join(", ")}`);
    }
  }
}

/** Runs in the page: what is waited for there, once two frames have gone by. */
async function drawn(selector: string): Promise<string[]> {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  return [...document.querySelectorAll(selector)].map((element) => element.outerHTML.slice(0, 120));
}
