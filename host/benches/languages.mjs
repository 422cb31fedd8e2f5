// What the same plugin costs in each language: `make bench-languages`. Builds every template anew with the given binary,
// then calls its hooks with its fixtures; prints the table of docs/languages.md.
//
// Times are processor time of the plugin's thread, medians; build times are those of a second build, on the wall.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REPEAT = "100";

const [flag, bin, ...languages] = process.argv.slice(2);
if (flag !== "--bin" || languages.length === 0) {
  console.error("usage: languages.mjs --bin FILE LANGUAGE ..");
  process.exit(2);
}

const dir = mkdtempSync(join(tmpdir(), "languages-"));
const run = (...args) => execFileSync(bin, ["plugin", ...args], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });

console.log("| language | size | build | compile | fuel | memory | before-create | after-create |");
console.log("| --- | --- | --- | --- | --- | --- | --- | --- |");
try {
  for (const language of languages) {
    const plugin = join(dir, `slug-${language}`);
    run("new", `slug-${language}`, "--lang", language, "--dir", plugin);
    run("build", plugin, "--json");
    const built = JSON.parse(run("build", plugin, "--json"));
    const file = built.built[0].file;
    const report = JSON.parse(run("test", file, "--json", "--repeat", REPEAT));
    if (report.failed > 0) throw new Error(`${language}: ${report.failed} fixtures failed`);
    const before = report.cases.find((one) => one.hook === "beforeCreate");
    const after = report.cases.find((one) => one.hook === "afterCreate");
    const cells = [
      language,
      `${Math.round(report.size / 1000).toLocaleString("en")} kB`,
      `${(built.tookMs / 1000).toFixed(1)} s`,
      `${(report.compileMs / 1000).toFixed(1)} s`,
      before.fuel.toLocaleString("en"),
      `${Math.round(before.memory / 1024).toLocaleString("en")} KiB`,
      `${before.cpuMs.toFixed(2)} ms`,
      `${after.cpuMs.toFixed(2)} ms`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
