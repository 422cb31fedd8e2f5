/** A real Chromium with nothing in it, and pages that remember what went wrong in them. */
import axe from "axe-core";
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { watchRequests } from "./rest";
import { superuser } from "./server";

export const desktop = { width: 1280, height: 860 };
export const phone = { width: 390, height: 844 };

export function openBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export interface Tab {
  page: Page;
  context: BrowserContext;
  /** Uncaught errors, errors on the console, breaches of the content security policy, and what was asked of anybody but the server. */
  problems: string[];
}

export async function openTab(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<Tab> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: desktop,
    reducedMotion: "reduce",
    locale: "en-GB",
    ...options,
  });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  watchRequests(page);
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => {
    // Chromium logs every refused request and lost connection; those are part of what the tests provoke.
    if (
      message.type() !== "error" ||
      /^Failed to load resource|^WebSocket connection to/.test(message.text())
    )
      return;
    problems.push(message.text());
  });
  context.on("request", (request) => {
    const { protocol, origin } = new URL(request.url());
    if (["http:", "https:"].includes(protocol) && origin !== new URL(url).origin)
      problems.push(`Asked elsewhere: ${request.url()}`);
  });
  return { page, context, problems };
}

/** Signs in as the form does, and goes to an address. The form itself is what `session.e2e.ts` and its like are about. */
export async function signIn(page: Page, path = "/_/"): Promise<void> {
  await signInQuietly(page);
  await page.goto(path);
  // Behind a dialog it is there, but hidden from everything but the eye.
  await page.locator("nav").locator("visible=true").first().waitFor();
}

/** Gives the pages of a context the cookie of a session, without a page for it. */
export async function signInQuietly(page: Page): Promise<void> {
  const reply = await page.context().request.post("/api/admin/session", { data: superuser });
  if (!reply.ok()) throw new Error(`Signing in: ${reply.status()} ${await reply.text()}`);
}

/** Goes to an address, and signs in at the form that it leads to. */
export async function signInAtForm(page: Page, path = "/_/"): Promise<void> {
  await page.goto(path);
  await fillSignIn(page);
}

export async function fillSignIn(page: Page): Promise<void> {
  await page.getByLabel("E-mail").fill(superuser.email);
  await page.getByLabel("Password", { exact: true }).fill(superuser.password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation").first().waitFor();
}

/** What axe finds against WCAG 2.2 AA and its own best practices, one text per finding. */
export async function accessibilityProblems(page: Page, without: string[] = []): Promise<string[]> {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (off) =>
      (window as unknown as { axe: typeof axe }).axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        rules: Object.fromEntries(off.map((id) => [id, { enabled: false }])),
        // Sounds and films are what it would load first; there are none.
        preload: false,
        // What is right is not described, which would take as long as finding what is wrong.
        resultTypes: ["violations"],
      }),
    without,
  );
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map((node) => `${id}: ${help}\n  ${node.target.join(" ")}\n  ${node.failureSummary}`),
  );
}
