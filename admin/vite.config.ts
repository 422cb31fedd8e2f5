import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { brotliCompressSync, gzipSync } from "node:zlib";
import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** Where `npm run dev` finds the API. The built dashboard always talks to the server that serves it. */
const backend = process.env.TINYBASE_URL ?? "http://127.0.0.1:8090";

/** Puts a `.br` and a `.gz` beside each file, so that the server sends them as they are and compresses nothing. */
function precompress(): Plugin {
  return {
    name: "precompress",
    apply: (_, { command, mode }) => command === "build" && mode === "production",
    writeBundle({ dir = "dist" }) {
      const files = readdirSync(dir, { recursive: true, encoding: "utf8" });
      for (const path of files
        .filter((file) => /\.(html|js|css|svg)$/.test(file))
        .map((file) => join(dir, file))) {
        const content = readFileSync(path);
        writeFileSync(`${path}.br`, brotliCompressSync(content));
        writeFileSync(`${path}.gz`, gzipSync(content, { level: 9 }));
      }
    },
  };
}

export default defineConfig({
  base: "/_/",
  plugins: [react(), tailwindcss(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: { proxy: { "/api": { target: backend, changeOrigin: false } } },
  build: {
    target: "es2022",
    // Inlined assets would become data: URLs, which the server's policy refuses for scripts and styles.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  test: {
    environment: "happy-dom",
    include: ["src/**/*.test.{ts,tsx}", "tests/**/*.test.{ts,tsx}"],
    setupFiles: ["tests/setup.ts"],
    // The whole page printed with every miss hides what was missed.
    env: { DEBUG_PRINT_LIMIT: "0" },
    // The machines that run this have two cores; more workers only take turns.
    maxWorkers: 2,
    testTimeout: 60_000,
  },
});
