/**
 * Asks the binary for the description of its API and makes the types of it: `npm run api`. `TINYBASE_BIN` names another binary than
 * the debug build of this repository.
 */
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { description, generated, types } from "./types.mjs";

const binary = process.env.TINYBASE_BIN
  ? resolve(process.env.TINYBASE_BIN)
  : fileURLToPath(new URL("../../target/debug/tinybase", import.meta.url));
const identity = "nobody@example.com";
const password = "for a minute only";
const patienceMs = 30_000;

async function freePort() {
  const probe = createServer();
  await new Promise((done) => probe.listen(0, "127.0.0.1", done));
  const { port } = probe.address();
  await new Promise((done) => probe.close(done));
  return port;
}

async function answer(request) {
  const reply = await request;
  if (!reply.ok) throw new Error(`${reply.url} answers ${reply.status}: ${await reply.text()}`);
  return reply.json();
}

async function describe(url) {
  const token = await answer(
    fetch(`${url}/api/collections/_superusers/auth-with-password`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ identity, password }),
    }),
  );
  const headers = { Authorization: token.token };
  return answer(fetch(`${url}/api/openapi.json?skipCollections=1`, { headers }));
}

async function untilReady(url) {
  const deadline = Date.now() + patienceMs;
  while (!(await fetch(`${url}/api/health`).catch(() => null))?.ok) {
    if (Date.now() > deadline) throw new Error("The server does not answer.");
    await new Promise((done) => setTimeout(done, 50));
  }
}

const dir = mkdtempSync(join(tmpdir(), "tinybase-api-"));
const port = await freePort();
let server;
try {
  execFileSync(binary, ["admin", "create", identity, password, "--dir", dir], { stdio: "ignore" });
  server = spawn(binary, ["serve", "--dir", dir, "--http", `127.0.0.1:${port}`], { stdio: "ignore" });
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url);
  const document = await describe(url);
  // A release without changes of the API leaves its types as they are.
  document.info.version = "0";
  writeFileSync(description, `${JSON.stringify(document, null, 1)}\n`);
  writeFileSync(generated, await types());
} finally {
  server?.kill();
  rmSync(dir, { recursive: true, force: true });
}
