import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** Drives the real binary in a real browser: one file after the other, because each starts both. */
export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  test: {
    include: ["e2e/tests/*.e2e.ts", "e2e/screenshots*.ts", "e2e/bench*.ts"],
    environment: "node",
    pool: "forks",
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 120_000,
  },
});
