// What a hook adds to a create: Tinybase's plugins in Rust and TypeScript, and PocketBase's JavaScript hook doing the same
// work (a slug of the title), each against a create in a collection without a hook on the same server.
//
//   node host/benches/pocketbase/hooks.mjs --tinybase target/release/tinybase --pocketbase PATH
//     [--rust plugins/dist/slugify.wasm] [--ts examples/dist/slug-ts.wasm] [--connections 1,16,64] [--seconds 4]
//     [--rounds 3] [--json FILE]
//
// Both servers run at the same time and are asked in turn, round after round, so that what else the machine does falls on
// all alike. Processor time is that of the whole server process (utime and stime in /proc) by request, the median of the
// rounds; latencies are those of all rounds. An answer that is not 200 with the right slug ends the run with an error.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { availableParallelism, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Server } from './server.mjs';

const { values: flags } = parseArgs({
  options: {
    tinybase: { type: 'string' }, pocketbase: { type: 'string' }, rust: { type: 'string', default: 'plugins/dist/slugify.wasm' },
    ts: { type: 'string', default: 'examples/dist/slug-ts.wasm' }, connections: { type: 'string', default: '1,16,64' },
    seconds: { type: 'string', default: '4' }, rounds: { type: 'string', default: '3' }, json: { type: 'string' },
  },
});
if (!flags.tinybase || !flags.pocketbase) throw new Error('--tinybase and --pocketbase name the two binaries');

const HERE = dirname(fileURLToPath(import.meta.url));
const WARM_UP = 300;
const BODY = 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt ut labore et dolore magna aliqua.';
const PLAIN = 'plain';

const dir = mkdtempSync(join(tmpdir(), 'hooks-'));
const tinybase = new Server('tinybase', flags.tinybase, dir);
const pocketbase = new Server('pocketbase', flags.pocketbase, dir, ['--hooksDir', join(HERE, 'pb_hooks')]);
/** Who is measured: a server and the collection, which is named by the language of its hook. */
const SUBJECTS = [[pocketbase, PLAIN], [tinybase, PLAIN], [pocketbase, 'js'], [tinybase, 'rust'], [tinybase, 'ts']].map(
  ([server, collection]) => ({ server, collection, runs: [] }),
);
const tables = [];
let created = 0;

try {
  for (const server of [tinybase, pocketbase]) await prepare(server);
  const plugins = [await tinybase.attach(flags.rust, 'rust'), await tinybase.attach(flags.ts, 'ts')];
  for (const subject of SUBJECTS) await load(subject, 1, { count: WARM_UP });
  for (const connections of flags.connections.split(',').map(Number)) tables.push(await compare(connections));
  for (const id of plugins) await check(id);
} finally {
  await Promise.all([tinybase.stop(), pocketbase.stop()]);
  rmSync(dir, { recursive: true, force: true });
}
report();

/** A collection for each language, all alike. */
async function prepare(server) {
  await server.start();
  for (const { collection } of SUBJECTS.filter((subject) => subject.server === server)) {
    const fields = ['title', 'slug', 'body'].map((name) => ({ name, type: 'text' }));
    await server.send('POST', '/api/collections', { name: collection, type: 'base', fields: [...fields, { name: 'views', type: 'number' }], createRule: '' });
  }
}

async function compare(connections) {
  for (const subject of SUBJECTS) subject.runs = [];
  for (let round = 0; round < Number(flags.rounds); round++) {
    for (const subject of SUBJECTS) subject.runs.push(await load(subject, connections, { seconds: Number(flags.seconds) }));
  }
  return { connections, rows: SUBJECTS.map(summary) };
}

/** So many connections, each with one create after the other. */
async function load({ server, collection }, connections, { seconds = Infinity, count = Infinity }) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const target = { agent, host: '127.0.0.1', port: new URL(server.base).port, path: `/api/collections/${collection}/records`, method: 'POST' };
  const walls = [];
  const [cpu, begun] = [server.cpuMs(), performance.now()];
  let left = count;
  const line = async () => {
    while (left-- > 0 && performance.now() - begun < seconds * 1000) walls.push(await create(target, collection, server.name));
  };
  await Promise.all(Array.from({ length: connections }, line));
  const [tookMs, usedMs] = [performance.now() - begun, server.cpuMs() - cpu];
  agent.destroy();
  return { walls, cpuUs: (usedMs * 1000) / walls.length, perSecond: (walls.length * 1000) / tookMs };
}

/** One create, checked; its milliseconds. */
function create(target, collection, server) {
  const number = ++created;
  const body = JSON.stringify({ title: `Hello, World! This is Title ${number}`, body: BODY, views: number });
  const slug = collection === PLAIN ? '' : `hello-world-this-is-title-${number}`;
  return new Promise((resolve, reject) => {
    const before = performance.now();
    const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) };
    const sent = request({ ...target, headers }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString();
        const found = answer.statusCode === 200 ? JSON.parse(text).slug : undefined;
        if (found === slug) resolve(performance.now() - before);
        else reject(new Error(`${server}, ${collection}: ${answer.statusCode} instead of the slug ${slug}: ${text.slice(0, 500)}`));
      });
      answer.on('error', reject);
    });
    sent.on('error', reject);
    sent.end(body);
  });
}

/** Every call of a plugin was made, and none failed. */
async function check(id) {
  const { name, totals } = await tinybase.send('GET', `/api/plugins/${id}/metrics`);
  if (totals.calls < WARM_UP || totals.failures || totals.refusals || totals.skipped) throw new Error(`${name}: ${JSON.stringify(totals)}`);
}

function summary({ server, collection, runs }) {
  const walls = runs.flatMap((run) => run.walls).sort((a, b) => a - b);
  const middle = (key) => runs.map((run) => run[key]).sort((a, b) => a - b)[runs.length >> 1];
  const at = (quantile) => walls[Math.min(walls.length - 1, Math.floor(walls.length * quantile))];
  return {
    server: server.name, hook: collection, requests: walls.length, cpuUs: middle('cpuUs'), perSecond: middle('perSecond'), p50Ms: at(0.5), p99Ms: at(0.99),
  };
}

function report() {
  const version = (binary) => execFileSync(binary, ['--version']).toString().trim();
  console.log(`${version(flags.pocketbase)}; ${version(flags.tinybase)}; ${availableParallelism()} CPUs, the client on the same machine\n`);
  console.log('| connections | server, hook | CPU us a create | added by the hook | p50 ms | p99 ms | creates/s |\n|---|---|---|---|---|---|---|');
  for (const { connections, rows } of tables) {
    for (const row of rows) {
      const plain = rows.find((other) => other.server === row.server && other.hook === PLAIN);
      row.addedUs = row === plain ? undefined : row.cpuUs - plain.cpuUs;
      const cells = [
        connections, `${row.server}, ${row === plain ? 'none' : row.hook}`, row.cpuUs.toFixed(0), row.addedUs?.toFixed(0) ?? '',
        row.p50Ms.toFixed(2), row.p99Ms.toFixed(2), row.perSecond.toFixed(0),
      ];
      console.log(`| ${cells.join(' | ')} |`);
    }
  }
  if (flags.json) writeFileSync(flags.json, JSON.stringify(tables, null, 1));
}
