/**
 * Fails when what a browser loads before the first page outgrows its budget: everything that `dist/index.html`
 * names, gzipped as a server would. The lazy chunks are listed for information.
 */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";

const budgetKb = 175;
const dist = new URL("../dist/", import.meta.url).pathname;

const gzippedKb = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length / 1024;

const html = readFileSync(join(dist, "index.html"), "utf8");
const named = [...html.matchAll(/(?:src|href)="\/_\/([^"]+)"/g)].map(([, path]) => path);
const entry = ["index.html", ...named.filter((path) => /\.(js|css)$/.test(path))];

const rows = entry.map((file) => ({ file, kb: gzippedKb(file) })).sort((a, b) => b.kb - a.kb);
const total = rows.reduce((sum, { kb }) => sum + kb, 0);

for (const { file, kb } of rows) console.log(`${kb.toFixed(1).padStart(8)} KB  ${file}`);
console.log(`${total.toFixed(1).padStart(8)} KB  entry, gzipped, of ${budgetKb} KB`);

const lazy = readdirSync(join(dist, "assets"))
  .filter((file) => file.endsWith(".js") && !named.some((path) => basename(path) === file))
  .map((file) => ({ file, kb: gzippedKb(`assets/${file}`) }))
  .sort((a, b) => b.kb - a.kb);
console.log("\nLoaded when needed:");
for (const { file, kb } of lazy.slice(0, 8)) console.log(`${kb.toFixed(1).padStart(8)} KB  ${file}`);

if (total > budgetKb) {
  console.error(`\nThe entry is ${(total - budgetKb).toFixed(1)} KB over its budget.`);
  process.exit(1);
}
