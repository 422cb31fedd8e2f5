// Changes as they happen, to many who listen at the same time, on Tinybase and on PocketBase beside it.
//
//   node host/benches/pocketbase/realtime.mjs --tinybase target/release/tinybase --pocketbase PATH
//     [--connections 1000,5000] [--events 200] [--rate 50] [--silent 1000] [--json FILE]
//
// Each server is started anew. So many connections listen over server-sent events, by PocketBase's protocol, to a
// collection with one open rule; one writer creates records at the given rate, and each delivery is timed from before the
// create to the arrival at each listener. Then as fast as the writer can. Then again beside connections that subscribe and never read.
// Processor time and memory are the server's, from /proc. A delivery that is missing ends the program.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { Server } from './server.mjs';

const { values: flags } = parseArgs({
  options: {
    tinybase: { type: 'string' }, pocketbase: { type: 'string' }, connections: { type: 'string', default: '1000,5000' },
    events: { type: 'string', default: '200' }, rate: { type: 'string', default: '50' },
    silent: { type: 'string', default: '1000' }, json: { type: 'string' },
  },
});
if (!flags.tinybase || !flags.pocketbase) throw new Error('--tinybase and --pocketbase name the two binaries');

const EVENTS = Number(flags.events);
const RATE = Number(flags.rate);
/** Connections that are opened at a time. */
const OPENED_AT_ONCE = 50;
const PATIENCE_MS = 120_000;
const SETTLED_MS = 3_000;
const HEALTHY = 50;
/** Beside those who never read: more than the kernel keeps for them. */
const SILENT_EVENTS = 2_000;
const SILENT_BYTES = 8_000;
const RECORDS = '/api/collections/events/records';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A listener: knows how many events have come and how late each was. */
class Listener {
  heard = 0;
  #rest = '';

  constructor(base, sent, late) {
    const { hostname, port } = new URL(base);
    this.socket = connect(Number(port), hostname);
    this.socket.setNoDelay(true);
    this.socket.write('GET /api/realtime HTTP/1.1\r\nHost: localhost\r\nAccept: text/event-stream\r\n\r\n');
    this.id = new Promise((resolve, reject) => {
      this.socket.once('error', reject);
      this.socket.on('data', (bytes) => this.#read(bytes.toString('latin1'), resolve, sent, late));
    });
  }

  #read(text, connected, sent, late) {
    this.#rest += text;
    for (let end = this.#rest.indexOf('\n\n'); end >= 0; end = this.#rest.indexOf('\n\n')) {
      const frame = this.#rest.slice(0, end);
      this.#rest = this.#rest.slice(end + 2);
      const number = /"number":(\d+)/.exec(frame);
      if (number) {
        this.heard++;
        late.push(performance.now() - sent[Number(number[1])]);
      } else if (frame.includes('PB_CONNECT')) {
        connected(/id:(\w+)/.exec(frame)[1]);
      }
    }
  }
}

async function listen(server, count, sent, late) {
  const listeners = [];
  while (listeners.length < count) {
    const more = Array.from({ length: Math.min(OPENED_AT_ONCE, count - listeners.length) }, () => new Listener(server.base, sent, late));
    for (const listener of more) {
      await server.send('POST', '/api/realtime', { clientId: await listener.id, subscriptions: ['events/*'] }, 'guest');
    }
    listeners.push(...more);
  }
  return listeners;
}

function memory(server) {
  const status = readFileSync(`/proc/${server.process.pid}/status`, 'latin1');
  return Number(/RssAnon:\s+(\d+)/.exec(status)[1]) * 1024;
}

async function write(server, events, rate, sent, body = '') {
  const began = performance.now();
  for (let index = 0; index < events; index++) {
    const due = began + (index * 1000) / rate;
    if (rate > 0 && due > performance.now()) await pause(due - performance.now());
    const number = sent.length;
    sent.push(performance.now());
    await server.send('POST', RECORDS, { number, body });
  }
}

async function all(listeners, events) {
  const until = performance.now() + PATIENCE_MS;
  while (listeners.some((listener) => listener.heard < events)) {
    if (performance.now() > until) throw new Error(`only ${Math.min(...listeners.map(({ heard }) => heard))} of ${events} events came`);
    await pause(5);
  }
}

const percentile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];

function summary(late) {
  const sorted = Float64Array.from(late).sort();
  return { p50_ms: percentile(sorted, 0.5), p99_ms: percentile(sorted, 0.99) };
}

/** So many listeners: at a rate, and as fast as the writer can. */
async function crowd(server, count) {
  const [sent, late] = [[], []];
  // What the start took is given back, and what listeners need once is there.
  for (const { socket } of await listen(server, OPENED_AT_ONCE, sent, [])) socket.destroy();
  await pause(SETTLED_MS);
  const before = memory(server);
  const listeners = await listen(server, count, sent, late);
  await pause(1_000);
  const bytes = (memory(server) - before) / count;
  const cpu = server.cpuMs();
  await write(server, EVENTS, RATE, sent);
  await all(listeners, EVENTS);
  const paced = { ...summary(late), cpu_us_per_event: ((server.cpuMs() - cpu) * 1000) / (EVENTS * count) };
  const began = performance.now();
  await write(server, EVENTS, 0, sent);
  await all(listeners, 2 * EVENTS);
  const seconds = (performance.now() - began) / 1000;
  for (const { socket } of listeners) socket.destroy();
  return { connections: count, bytes_per_connection: bytes, ...paced, events_per_second: (EVENTS * count) / seconds };
}

/** Some who read beside many who never do. */
async function silence(server, count) {
  const [sent, late] = [[], []];
  const silent = await listen(server, count, sent, []);
  for (const { socket } of silent) socket.pause();
  const healthy = await listen(server, HEALTHY, sent, late);
  const before = memory(server);
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, memory(server))), 50);
  await write(server, SILENT_EVENTS, 0, sent, 'x'.repeat(SILENT_BYTES));
  await all(healthy, SILENT_EVENTS);
  clearInterval(watch);
  for (const { socket } of [...silent, ...healthy]) socket.destroy();
  return { silent: count, healthy: HEALTHY, ...summary(late), more_memory_mb: (most - before) / 2 ** 20 };
}

async function measure(name, binary, dir) {
  const rows = [];
  for (const [kind, count] of [...flags.connections.split(',').map((count) => ['crowd', Number(count)]), ['silence', Number(flags.silent)]]) {
    if (!count) continue;
    const server = new Server(`${name}-${kind}-${count}`, binary, dir);
    await server.start();
    try {
      const fields = [{ name: 'number', type: 'number' }, { name: 'body', type: 'text', max: 100_000 }];
      await server.send('POST', '/api/collections', { name: 'events', type: 'base', fields, listRule: '', viewRule: '' });
      rows.push({ server: name, kind, ...(await (kind === 'crowd' ? crowd : silence)(server, count)) });
    } finally {
      await server.stop();
    }
    const rounded = Object.entries(rows.at(-1)).map(([key, value]) => [key, typeof value === 'number' ? Math.round(value * 100) / 100 : value]);
    console.log(rounded.map(([key, value]) => `${key}=${value}`).join('  '));
  }
  return rows;
}

const dir = mkdtempSync(join(tmpdir(), 'tinybase-bench-'));
try {
  const rows = [];
  for (const [name, binary] of [['tinybase', flags.tinybase], ['pocketbase', flags.pocketbase]]) rows.push(...(await measure(name, binary, dir)));
  if (flags.json) writeFileSync(flags.json, JSON.stringify(rows, null, 2));
} finally {
  rmSync(dir, { recursive: true, force: true });
}
