/** Walking through a page by keys alone: what they come to, what they miss, and what gives them back. */
import type { Page } from "playwright-core";
import { expect } from "vitest";

export interface Walk {
  /** What can be pressed or filled in and was not come to. */
  missed: string[];
  /** What looks with the focus as it looks without. */
  faint: string[];
  /** What had the focus below something else. */
  covered: string[];
  /** Where the focus was when it came back to its beginning no more. */
  trapped: string | null;
  /** How many places it came to. */
  places: number;
}

/** More steps than the fullest screen has places. */
const stepsMax = 900;
/** Keys that are sent in one go. */
const stepsAtOnce = 20;

/**
 * Steps with Tab from the beginning until it comes round. What is one place for Tab and has more in it (tabs, radio buttons, menus)
 * is then walked with arrows.
 */
export async function walk(page: Page): Promise<Walk> {
  await page.evaluate(watch);
  for (let steps = 0; steps < stepsMax; steps += stepsAtOnce) {
    for (let step = 0; step < stepsAtOnce; step += 1) await page.keyboard.press("Tab");
    if (await page.evaluate(() => window.walked.rounds > 1)) break;
  }
  const groups = await page.evaluate(() => window.walked.end());
  for (let group = groups - 1; group >= 0; group -= 1) {
    const { key, steps } = await page.evaluate((index) => window.walked.enter(index), group);
    for (const each of ["Home", ...Array<string>(steps).fill(key)]) {
      await page.keyboard.press(each);
      // The focus follows the key a moment later.
      await page.evaluate(
        () => new Promise<void>((done) => setTimeout(() => requestAnimationFrame(() => done()))),
      );
      await page.evaluate(() => window.walked.look());
    }
  }
  return page.evaluate(() => window.walked.report());
}

export async function expectReachable(page: Page, where: string): Promise<void> {
  const { places, ...wrong } = await walk(page);
  expect.soft(wrong, where).toEqual({ missed: [], faint: [], covered: [], trapped: null });
  expect.soft(places, where).toBeGreaterThan(0);
}

interface Watcher {
  /** How often the first place had the focus. */
  rounds: number;
  /** Ends stepping, with the number of groups that arrows are to walk through. */
  end: () => number;
  /** Puts the focus into a group, with the key to go on with. */
  enter: (group: number) => { key: string; steps: number };
  look: () => void;
  report: () => Walk;
  /** Ends watching, before somebody else does. */
  stop: () => void;
}

declare global {
  interface Window {
    walked: Watcher;
  }
}

/** Runs in the page: remembers what has had the focus, and how that looked. */
function watch(): void {
  (window as Partial<Window>).walked?.stop();
  const ending = new AbortController();
  const { signal } = ending;
  const reached = new Set<Element>();
  const looks = new Map<Element, string>();
  const faint: string[] = [];
  const covered: HTMLElement[] = [];
  let first: Element | null = null;
  let last: Element | null = null;
  let missed: Element[] = [];
  let groups: { root: Element; members: Element[] }[] = [];
  let trapped: string | null = null;

  const named = (element: Element) => element.outerHTML.slice(0, 240);

  /** Rings are drawn around the element itself, around what holds it, or around what stands for it. */
  const looksOf = (element: Element): string => {
    const around: Element[] = [element];
    for (let each = element.parentElement; each && around.length < 4; each = each.parentElement)
      around.push(each);
    if (element.nextElementSibling) around.push(element.nextElementSibling);
    const styles = [...around.map((each) => getComputedStyle(each)), getComputedStyle(element, "::after")];
    return styles
      .map(({ outlineStyle, outlineWidth, outlineColor, boxShadow }) => {
        const drawn = outlineStyle !== "none" && !/transparent|[,/] ?0\)$/.test(outlineColor);
        return `${drawn ? outlineWidth : "none"} ${boxShadow}`;
      })
      .join("; ");
  };

  const isCovered = (element: Element): boolean => {
    const shares = [0.1, 0.5, 0.9];
    // A control that is not seen itself has a label that is.
    const signs = [element, ...((element as HTMLInputElement).labels ?? [])];
    return !signs.some((sign) => {
      const { left, top, width, height } = sign.getBoundingClientRect();
      const seen = shares.flatMap((across) =>
        shares.map((down) => document.elementFromPoint(left + width * across, top + height * down)),
      );
      return seen.some((hit) => hit && (hit.contains(sign) || sign.contains(hit)));
    });
  };

  const isCoveredAgain = (element: HTMLElement) => {
    element.blur();
    element.focus();
    return isCovered(element);
  };

  /** Looks at where the focus has come to rest, which is not always where it came by. */
  const look = () => {
    const focused = document.activeElement;
    if (focused === last) {
      // The only place there is comes round with every step.
      if (focused === first) window.walked.rounds += 1;
      return;
    }
    if (last?.isConnected && looks.get(last) === looksOf(last)) faint.push(named(last));
    last = null;
    if (!focused || focused === document.body || focused.matches("[data-radix-focus-guard]")) return;
    first ??= focused;
    if (focused === first) window.walked.rounds += 1;
    if (reached.has(focused)) return;
    reached.add(focused);
    looks.set(focused, looksOf(focused));
    // What is scrolled may come to lie below a bar that stays.
    if (focused.closest("main, [role=dialog]") && isCovered(focused)) covered.push(focused as HTMLElement);
    last = focused;
  };
  // Before the next step everything is where it stays.
  document.addEventListener("keydown", look, { capture: true, signal });

  const kinds = [
    "button",
    "link",
    "switch",
    "checkbox",
    "tab",
    "radio",
    "combobox",
    "textbox",
    "menuitem",
    "option",
  ];
  const wanted = ["a[href]", "button", "input", "select", "textarea", "summary"].concat(
    kinds.map((role) => `[role=${role}]`),
  );
  const groupRoles = "[role=tablist], [role=radiogroup], [role=menu], [role=listbox], [role=toolbar]";

  const end = () => {
    look();
    if (window.walked.rounds < 2) trapped = document.activeElement ? named(document.activeElement) : "";
    // Behind an open dialog nothing is to be reached.
    const dialogs = [...document.querySelectorAll("[role=dialog], [role=alertdialog], [role=menu]")];
    missed = [...(dialogs.at(-1) ?? document.body).querySelectorAll(wanted.join())]
      .filter((element) => element.checkVisibility({ visibilityProperty: true }))
      .filter(
        (element) => !element.matches(":disabled, [type=hidden], [aria-disabled=true], [data-disabled]"),
      )
      .filter((element) => !element.closest("[inert], [aria-hidden=true]") && !reached.has(element))
      // A button beside it does the same.
      .filter((element) => !element.matches("input[type=file][tabindex='-1']"));
    const roots = new Set(
      missed.map((element) => element.closest(groupRoles)).filter((root) => root !== null),
    );
    groups = [...roots].map((root) => ({ root, members: missed.filter((each) => root.contains(each)) }));
    return groups.length;
  };
  const enter = (index: number) => {
    const group = groups[index];
    const inside = [...reached].find((each) => each !== group?.root && group?.root.contains(each));
    ((inside ?? group?.root) as HTMLElement | undefined)?.focus();
    const across = group?.root.matches("[role=tablist], [role=toolbar]");
    return { key: across ? "ArrowRight" : "ArrowDown", steps: (group?.members.length ?? 0) + 1 };
  };
  const report = () => {
    look();
    return {
      missed: missed.filter((element) => !reached.has(element)).map(named),
      faint,
      // What came late to the page may have pushed something away after it got the focus; what stays covered is wrong.
      covered: covered.filter((element) => element.isConnected && isCoveredAgain(element)).map(named),
      trapped,
      places: reached.size,
    };
  };
  window.walked = { rounds: 0, end, enter, look, report, stop: () => ending.abort() };
  if (!document.querySelector("[role=dialog], [role=alertdialog], [role=menu]"))
    (document.activeElement as HTMLElement | null)?.blur();
}

/** What keys can open, close and choose from. */
export const layers = "[role=dialog], [role=alertdialog], [role=menu], [role=listbox]";

/** The names of the buttons of the page itself, one of each kind: what stands in every row is pressed in one. */
export function openers(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const buttons = [...document.querySelectorAll<HTMLElement>("main button:not(:disabled)")].filter(
      (button) =>
        button.checkVisibility({ visibilityProperty: true }) &&
        !button.matches("[role=tab], [role=switch], [role=checkbox], [role=radio], [aria-disabled=true]"),
    );
    const kinds = new Map<string, string>();
    for (const button of buttons) {
      const name = (button.getAttribute("aria-label") ?? button.textContent ?? "").trim();
      const [kind = ""] = name.split(" ");
      if (!kinds.has(kind)) kinds.set(kind, name);
    }
    return [...kinds.values()];
  });
}
