/**
 * The dashboard in a language that marks every text of the catalogue: what is shown without a mark, and is nothing that the
 * server has said, was written into a component and cannot be translated.
 */
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { extname, join } from "node:path";
import type { Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { inside, ofPlugin, outside } from "../harness/addresses";
import { signInQuietly } from "../harness/browser";
import { atRest } from "../harness/rest";
import { seedPlugins, seedRecords } from "../harness/seed";
import { superuser } from "../harness/server";
import { suite } from "../harness/suite";

let plugins: { audit: string; limit: string };
const { open } = suite({
  prepare: async (server) => {
    await seedRecords(server);
    plugins = await seedPlugins(server);
  },
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tinybase-pseudo-"));
  const outDir = join(folder, "dist");
  // In one file: each that a page asks for comes through here.
  const rolldownOptions = { output: { codeSplitting: false } };
  await build({ mode: "pseudo", logLevel: "error", build: { outDir, emptyOutDir: true, rolldownOptions } });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const kinds: Record<string, string> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};

/** Names that are the same in every language, and what is said in code. */
const namesEverywhere = [
  "Tinybase",
  "Cloudflare R2",
  "MinIO",
  "Wasm",
  "WebAssembly",
  "JSON",
  "JSON Schema",
  "SQL",
  "CSV",
  "NDJSON",
  "S3",
  "HTTP",
  "URL",
  "ID",
  "Ctrl",
  "Esc",
  "Enter",
  "UTC",
  "Alt",
  "alt+T",
  "kB",
  "KB",
  "MB",
  "GB",
  "ms",
  "null",
  "true",
  "false",
];

/** The files of the marked build; the API and all else stay the server's. */
async function speakPseudo(page: Page): Promise<void> {
  await page.route(/\/_(\/|$)/, async (route) => {
    const path = new URL(route.request().url()).pathname.replace(/^\/_\/?/, "");
    const file = join(folder, "dist", path || "index.html");
    const found = path !== "" && existsSync(file) ? file : join(folder, "dist", "index.html");
    await route.fulfill({ body: readFileSync(found), contentType: kinds[extname(found)] ?? "text/plain" });
  });
}

interface Heard {
  /** Every text that the server has sent to the page: what is data. */
  said: Set<string>;
  /** The answers that are not read to their end yet. */
  reading: Promise<void>[];
}

function listen(page: Page): Heard {
  const reading: Promise<void>[] = [];
  const said = new Set<string>([superuser.email, "posts", "members", "comments", "invoices"]);
  const note = (value: unknown) => {
    if (typeof value === "string") said.add(value);
    else if (Array.isArray(value)) value.forEach(note);
    else if (typeof value === "object" && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        said.add(key);
        note(inner);
      }
    }
  };
  page.on("response", (response) => {
    if (!new URL(response.url()).pathname.startsWith("/api/")) return;
    reading.push(
      response
        .json()
        .then(note)
        .catch(() => {}),
    );
  });
  return { said, reading };
}

interface Shown {
  text: string;
  place: string;
}

/** The texts of the page, seen or read aloud, without what is marked. What is marked as code speaks no language. */
function unmarked(page: Page): Promise<Shown[]> {
  return page.evaluate(() => {
    const shown: Shown[] = [];
    const note = (text: string | null, element: Element) => {
      // From the inside out, because a text may stand in another.
      let rest = text ?? "";
      for (let before = ""; before !== rest; ) {
        before = rest;
        rest = rest.replace(/⟦[^⟦⟧]*⟧/g, " ");
      }
      if (!/[A-Za-z]{2}/.test(rest)) return;
      const names = [element, element.parentElement, element.parentElement?.parentElement];
      shown.push({
        text: rest.trim(),
        place: names.map((each) => each?.tagName.toLowerCase() ?? "").join(" < "),
      });
    };
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const element = node.parentElement;
      if (!element || element.closest("script, style, code, pre, kbd, .cm-editor, noscript")) continue;
      note(node.textContent, element);
    }
    for (const element of document.querySelectorAll("[aria-label], [placeholder], [title], [alt]")) {
      if (element.closest(".cm-editor")) continue;
      for (const name of ["aria-label", "placeholder", "title", "alt"])
        note(element.getAttribute(name), element);
    }
    return shown;
  });
}

/** Whether a text is made of what the server has said, of names and of signs. */
function isData(text: string, said: Set<string>): boolean {
  const known = [...namesEverywhere, ...said].filter((each) => each.length > 1);
  let rest = text;
  // The longest first: `posts_copy` is not `posts` with something behind it.
  for (const each of known.filter((each) => text.includes(each)).sort((a, b) => b.length - a.length)) {
    rest = rest.split(each).join(" ");
  }
  return known.some((each) => each.includes(text)) || !/[A-Za-z]{2}/.test(rest);
}

/** What is in no catalogue, with where it was. */
async function foreign(page: Page, { said, reading }: Heard, where: string): Promise<string[]> {
  const shown = await unmarked(page);
  // The page may have read an answer before this did.
  await Promise.all(reading);
  const found = shown.filter(({ text }) => !isData(text, said));
  return found.map(({ text, place }) => `${where}: ${text} (${place})`);
}

test("before signing in every text comes from the catalogue", async () => {
  const page = await open();
  await speakPseudo(page);
  const heard = listen(page);
  const found: string[] = [];
  for (const path of outside) {
    await page.goto(path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    found.push(...(await foreign(page, heard, path)));
  }
  expect(found).toEqual([]);
});

test("after signing in every text comes from the catalogue or is data", async () => {
  const page = await open();
  await speakPseudo(page);
  const heard = listen(page);
  const found: string[] = [];
  await signInQuietly(page);
  for (const path of [...inside, ...ofPlugin(plugins.audit), ...ofPlugin(plugins.limit)]) {
    await page.goto(path);
    await atRest(page);
    found.push(...(await foreign(page, heard, path)));
  }
  await page.goto("/_/");
  await page.locator("h1").waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("dialog").waitFor();
  found.push(...(await foreign(page, heard, "the palette")));
  await page.keyboard.press("Escape");
  await page.keyboard.press("?");
  await page.getByRole("dialog").waitFor();
  found.push(...(await foreign(page, heard, "the shortcuts")));
  expect(found).toEqual([]);
});
