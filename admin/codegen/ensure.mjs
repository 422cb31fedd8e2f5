/** Installs the generator of the types unless it is there as pinned, so that `npm test` needs nothing that a newcomer would have to know. */
import { execSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = import.meta.dirname;
const described = (path) => JSON.parse(readFileSync(join(folder, path, "package.json"), "utf8"));
const isThere = ([name, version]) => {
  try {
    return described(`node_modules/${name}`).version === version;
  } catch {
    return false;
  }
};

if (!Object.entries(described(".").devDependencies).every(isThere)) {
  process.stdout.write("Installing the generator of the API’s types into codegen/, once.\n");
  execSync("npm ci --no-audit --no-fund", { cwd: folder, stdio: "inherit" });
}
