// Sets the theme before anything is painted. A file of its own, because the server's policy allows no
// inline script. `src/theme.ts` keeps the same key and takes over once the application runs.
(() => {
  let choice = "system";
  try {
    choice = JSON.parse(localStorage.getItem("tinybase.preferences")).state.theme;
  } catch {
    // Nothing stored, or storage is refused: the system's theme.
  }
  const dark =
    choice === "dark" || (choice !== "light" && matchMedia("(prefers-color-scheme: dark)").matches);
  document.documentElement.classList.toggle("dark", dark);
})();
