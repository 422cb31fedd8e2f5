import "@testing-library/jest-dom/vitest";
import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { reportReachable } from "@/api/connection";

// Pages are loaded when they are first shown, which on a busy machine takes its time.
configure({ asyncUtilTimeout: 15_000 });

beforeEach(() => {
  // Wide, with a mouse, in light: what a component shows then is what most tests speak of.
  vi.stubGlobal("matchMedia", (query: string) => ({
    matches: query.includes("min-width"),
    media: query,
    addEventListener: () => {},
    removeEventListener: () => {},
  }));
  // The layout that these need does not exist here.
  window.scrollTo = () => {};
  Element.prototype.scrollIntoView = () => {};
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  localStorage.clear();
  reportReachable(true);
});
