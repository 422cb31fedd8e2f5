/**
 * The preferences of this browser, kept in local storage. `public/boot.js` reads the same key before the first
 * paint; from then on this store owns the `dark` class.
 */
import { create } from "zustand";
import { persist } from "zustand/middleware";

export type Theme = "light" | "dark" | "system";

interface Preferences {
  theme: Theme;
  setTheme(theme: Theme): void;
}

export const usePreferences = create<Preferences>()(
  persist((set) => ({ theme: "system", setTheme: (theme) => set({ theme }) }), {
    name: "tinybase.preferences",
    partialize: ({ theme }) => ({ theme }),
  }),
);

const systemDark = () => window.matchMedia("(prefers-color-scheme: dark)");

function paint(): void {
  const { theme } = usePreferences.getState();
  const dark = theme === "dark" || (theme === "system" && systemDark().matches);
  document.documentElement.classList.toggle("dark", dark);
}

/** Follows the preference and, while it is `system`, the system. */
export function followTheme(): void {
  paint();
  usePreferences.subscribe(paint);
  systemDark().addEventListener("change", paint);
}
