// What the same plugin costs in each language: `make bench-languages`. Builds every template anew with the given binary,
// then calls its hooks with its fixtures; prints the table of docs/languages.md.
//
// Times are processor time, so that a busy machine does not show: of the plugin's thread for calls, medians; of the compiler
// and its children for a build, which is the second one.

import { execFileSync, spawnSync } from "node:child_process";
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

/** Seconds of processor time that a build takes. */
function build(plugin) {
  const timed = 'TIMEFORMAT="%U %S"; time "$0" plugin build "$1" >/dev/null 2>&1';
  const { stderr } = spawnSync("bash", ["-c", timed, bin, plugin], { encoding: "utf8" });
  return stderr.trim().split(" ").reduce((sum, part) => sum + Number(part), 0);
}

console.log("| language | size | build | compile | fuel | memory | before-create |");
console.log("| --- | --- | --- | --- | --- | --- | --- |");
try {
  for (const language of languages) {
    const plugin = join(dir, `slug-${language}`);
    run("new", `slug-${language}`, "--lang", language, "--dir", plugin);
    run("build", plugin);
    const seconds = build(plugin);
    const file = join(plugin, `slug-${language}.wasm`);
    const report = JSON.parse(run("test", file, "--json", "--repeat", REPEAT));
    if (report.failed > 0) throw new Error(`${language}: ${report.failed} fixtures failed`);
    const before = report.cases.find((one) => one.hook === "beforeCreate");
    const cells = [
      language,
      `${Math.round(report.size / 1000).toLocaleString("en")} kB`,
      `${seconds.toFixed(1)} s`,
      `${(report.compileMs / 1000).toFixed(1)} s`,
      before.fuel.toLocaleString("en"),
      `${Math.round(before.memory / 1024).toLocaleString("en")} KiB`,
      `${before.cpuMs.toFixed(2)} ms`,
    ];
    console.log(`| ${cells.join(" | ")} |`);
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
