/** The real server in a folder of its own, on a free port, stopped and swept away afterwards. */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const superuser = { email: "ada@example.com", password: "correct horse battery staple" };

/** The binary under test. Relative paths are taken from where the command was given. */
function binary(): string {
  const path = process.env.TINYBASE_BIN;
  if (!path) throw new Error("Set TINYBASE_BIN to the tinybase binary.");
  return resolve(path);
}

/** A plugin to upload; the one that `make plugins` builds unless PLUGIN names another. */
export function pluginFile(name?: string): string {
  const usual = resolve(process.env.PLUGIN || "../plugins/dist/slugify.wasm");
  return name ? resolve(dirname(usual), `${name}.wasm`) : usual;
}

export class Server {
  private child: ChildProcess | null = null;
  private output = "";

  private constructor(
    readonly dir: string,
    readonly port: number,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** With an account to sign in with, or without any, as on the first run. */
  static async start({ account = true } = {}): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), "tinybase-e2e-")), await freePort());
    if (account) {
      await run(binary(), ["admin", "create", superuser.email, superuser.password, "--dir", server.dir]);
    }
    try {
      await server.resume();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  /** Starts the process, also again on the same folder and port after `halt`. */
  async resume(): Promise<void> {
    const child = spawn(binary(), ["serve", "--dir", this.dir, "--http", `127.0.0.1:${this.port}`], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.child = child;
    const keep = (chunk: Buffer) => {
      this.output += chunk.toString();
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    await this.until("an answer", async () => {
      if (child.exitCode !== null) throw new Error(`The server ended:\n${this.output.slice(-4000)}`);
      return (await fetch(`${this.url}/api/health`).catch(() => null))?.ok;
    });
  }

  /** Ends the process and keeps the data. */
  async halt(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await ended;
    clearTimeout(timer);
  }

  async stop(): Promise<void> {
    await this.halt();
    await rm(this.dir, { recursive: true, force: true });
  }

  /** The one-time link that the server prints when it has no superuser. */
  async setupLink(): Promise<string> {
    const link = /\/_\/setup\?token=[\w.~%-]+/;
    await this.until("the set-up link", () => link.test(this.output));
    return this.url + (link.exec(this.output)?.[0] ?? "");
  }

  private async until(what: string, holds: () => unknown): Promise<void> {
    const deadline = Date.now() + 30_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error(`Waited in vain for ${what}:\n${this.output.slice(-4000)}`);
      await new Promise((done) => setTimeout(done, 50));
    }
  }
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      const port = typeof address === "object" && address ? address.port : 0;
      probe.close(() => done(port));
    });
  });
}
