import { readFileSync } from "node:fs";
import { beforeEach, expect, test, vi } from "vitest";
import { followTheme, usePreferences } from "@/theme";

/** Runs the script that the page loads before anything else. */
function boot() {
  new Function(readFileSync("public/boot.js", "utf8"))();
}

const isDark = () => document.documentElement.classList.contains("dark");

function systemIs(dark: boolean) {
  vi.stubGlobal("matchMedia", () => ({ matches: dark, addEventListener: () => {} }));
}

beforeEach(() => {
  document.documentElement.className = "";
  usePreferences.setState({ theme: "system" });
});

test("before the first paint, the theme is what was chosen last time", () => {
  systemIs(false);
  usePreferences.getState().setTheme("dark");
  boot();
  expect(isDark()).toBe(true);

  systemIs(true);
  usePreferences.getState().setTheme("light");
  boot();
  expect(isDark()).toBe(false);
});

test("without a choice it is the system's", () => {
  localStorage.clear();
  systemIs(true);
  boot();
  expect(isDark()).toBe(true);
});

test("a choice is painted at once, and only the choice is stored", () => {
  systemIs(false);
  followTheme();
  expect(isDark()).toBe(false);
  usePreferences.getState().setTheme("dark");
  expect(isDark()).toBe(true);
  expect(Object.keys(localStorage)).toEqual(["tinybase.preferences"]);
  expect(JSON.parse(localStorage.getItem("tinybase.preferences") ?? "").state).toEqual({ theme: "dark" });
});
