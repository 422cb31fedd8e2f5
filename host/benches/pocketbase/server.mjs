// One of the servers that are compared: started on a free port with its own data, asked over HTTP, measured in /proc.

import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';

const EMAIL = 'bench@example.com';
const PASSWORD = 'bench-password-1';
const READY_TRIES = 200;
/** Of a jiffy in /proc/PID/stat, on every Linux that matters. */
const MS_PER_JIFFY = 10;

export class Server {
  #tokens = { superuser: '', user: '' };

  /** `more` are further words for `serve`. */
  constructor(name, binary, dir, more = []) {
    // In a folder of its own: PocketBase writes its migrations beside its data, and another's would be applied.
    Object.assign(this, { name, binary, dir: join(dir, name, 'data'), more });
  }

  async start() {
    execFileSync(this.binary, ['superuser', 'upsert', EMAIL, PASSWORD, '--dir', this.dir], { stdio: 'ignore' });
    const port = await freePort();
    this.base = `http://127.0.0.1:${port}`;
    const args = ['serve', '--dir', this.dir, '--http', `127.0.0.1:${port}`, ...this.more];
    this.process = spawn(this.binary, args, { stdio: 'ignore' });
    this.ended = new Promise((resolve) => this.process.once('exit', resolve));
    await this.#ready();
    this.#tokens.superuser = await this.#token('_superusers', EMAIL, PASSWORD);
  }

  async #ready() {
    for (let left = READY_TRIES; left > 0; left--) {
      const answer = await fetch(`${this.base}/api/health`).catch(() => undefined);
      if (answer?.ok) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${this.name} did not start`);
  }

  async signIn(identity, password) {
    this.#tokens.user = await this.#token('users', identity, password);
  }

  async #token(collection, identity, password) {
    const path = `/api/collections/${collection}/auth-with-password`;
    return (await this.send('POST', path, { identity, password }, 'guest')).token;
  }

  /** The answer's JSON; anything but success is an error. */
  async send(method, path, body, as = 'superuser') {
    const headers = { 'Content-Type': 'application/json', Authorization: this.#tokens[as] ?? '' };
    const answer = await fetch(this.base + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${this.name}: ${method} ${path}: ${answer.status} ${text.slice(0, 500)}`);
    return text ? JSON.parse(text) : undefined;
  }

  /** Uploads a plugin that runs before creates in a collection; its id. */
  async attach(file, collection) {
    const form = new FormData();
    form.append('file', new Blob([readFileSync(file)]), basename(file));
    const headers = { Authorization: this.#tokens.superuser };
    const answer = await fetch(`${this.base}/api/plugins`, { method: 'POST', headers, body: form });
    if (!answer.ok) throw new Error(`${file}: ${answer.status} ${await answer.text()}`);
    const { id } = await answer.json();
    await this.send('POST', `/api/plugins/${id}/attachments`, { collection, hooks: ['beforeCreate'] });
    return id;
  }

  /** Milliseconds of processor time that the process has used. */
  cpuMs() {
    const fields = readFileSync(`/proc/${this.process.pid}/stat`, 'latin1').split(') ')[1].split(' ');
    return (Number(fields[11]) + Number(fields[12])) * MS_PER_JIFFY;
  }

  async stop() {
    if (!this.process) return;
    this.process.kill('SIGTERM');
    await this.ended;
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
