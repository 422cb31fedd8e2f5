import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { reportReachable } from "@/api/connection";
import { raise } from "@/ui/toaster";

// Pages are loaded when they are first shown, which on a busy machine takes its time.
configure({ asyncUtilTimeout: 15_000 });

beforeEach(() => {
  // Wide and in light: what a component shows then is what most tests speak of. Code is typed into plain text areas, as
  // on a touch screen, because the editor needs a layout.
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: query.includes("min-width") || query.includes("pointer: coarse"),
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  // The layout that these need does not exist here.
  window.scrollTo = () => {};
  Element.prototype.scrollIntoView = () => {};
});

afterEach(() => {
  // Else the next test finds what was said in this one, if it is quick.
  raise.dismiss();
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
  reportReachable(true);
});
