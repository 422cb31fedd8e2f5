// Lists over 100,000 rows in which PocketBase's planner does badly, asked of Tinybase and of PocketBase beside it.
//
//   node host/benches/pocketbase/worst-cases.mjs --tinybase target/release/tinybase --pocketbase PATH
//     [--rows 100000] [--seconds 2] [--only TEXT] [--json FILE] [--keep FOLDER]
//
// Both servers get the same rows and indexes through the same requests. Each case is asked of one and then at once of
// the other, one request after another, for some seconds or at least three times. Printed are medians of the wall time and
// processor time a request (from /proc, of the whole process), and the ratios; both must find the same number of records.
// Tinybase keeps totals until something is committed, so each filter with a total is asked with a number that was not asked
// before, within the filter where that changes nothing else, else beside it; `again` asks the same each time.
// The last cases delete records at which some of 100,000 others point, by a relation without and with an index in the
// definition; the same number of both servers.
// With --keep the data stays in a folder, and is taken from there the next time.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AUTHORS, collections, rows } from './data.mjs';
import { Server } from './server.mjs';

const { values: flags } = parseArgs({
  options: {
    tinybase: { type: 'string' }, pocketbase: { type: 'string' }, rows: { type: 'string', default: '100000' },
    seconds: { type: 'string', default: '2' }, only: { type: 'string', default: '' }, json: { type: 'string' },
    keep: { type: 'string' },
  },
});
if (!flags.tinybase || !flags.pocketbase) throw new Error('--tinybase and --pocketbase name the two binaries');

const LEAST_REQUESTS = 3;
const DELETES = 50;
/** Of the rows' text or number that is searched for; what is asked the n-th time. */
const FILTERS = {
  'no filter': () => '',
  'text, unindexed like': () => "description ~ 'ipsum dolor 77'",
  'select, all of several': () => "type:each != 'c'",
  'select, any of several': () => "type:each ?!= 'c'",
  'two hops, not equal': () => "author.organization.name != 'organization 7'",
  'multiple relation behind one, all': () => 'author.permissions.active = true',
  'multiple relation behind one, any': () => 'author.permissions.active ?= true',
  'multiple relation, all': () => "tags.name != 'tag 7'",
  'multiple relation, any': () => "tags.name ?= 'tag 7'",
  'back-relation, any': (n) => `comments_via_post.text ?= 'comment ${n}'`,
  'back-relation, all': (n) => `comments_via_post.text != 'comment ${n}'`,
  'back-relation, like': () => "comments_via_post.text ?~ '4711'",
};
const FIRST_NUMBER = 4711;
const beside = (n) => `id != 'number${n}'`;
const anew = (filter) => (n) => (filter.length || !filter() ? filter(n) : `(${filter()}) && ${beside(n)}`);
const CASES = [
  ...Object.entries(FILTERS).map(([name, filter]) => ({ name: `${name}, total`, query: { perPage: 30 }, filter: anew(filter) })),
  ...Object.entries(FILTERS).map(([name, filter]) => ({ name, query: { perPage: 30, skipTotal: 1 }, filter })),
  { name: 'sorted by a relation, total', query: { sort: 'author.name,-id', perPage: 30 } },
  { name: 'rule on an unindexed relation, total', query: { perPage: 30 }, filter: beside, collection: 'owned', as: 'user' },
  { name: 'rule on an unindexed relation, total, again', query: { perPage: 30 }, collection: 'owned', as: 'user' },
  { name: 'two hops, not equal, total, again', query: { perPage: 30 }, filter: FILTERS['two hops, not equal'] },
  { name: 'delete of what an unindexed relation points at', deleted: 'parts' },
  { name: 'delete of what an indexed relation points at', deleted: 'posts' },
].filter(({ name }) => name.includes(flags.only));

if (flags.keep) mkdirSync(flags.keep, { recursive: true });
const dir = flags.keep ?? mkdtempSync(join(tmpdir(), 'worst-cases-'));
const servers = [new Server('pocketbase', flags.pocketbase, dir), new Server('tinybase', flags.tinybase, dir)];
try {
  for (const server of servers) await prepare(server);
  const results = [];
  for (const test of CASES) results.push(await compare(test));
  report(results);
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  if (!flags.keep) rmSync(dir, { recursive: true, force: true });
}

/** The schema, the rows and somebody who is signed in. */
async function prepare(server) {
  const seeded = join(dir, `${server.name}.${flags.rows}`);
  await server.start();
  if (!existsSync(seeded)) await seed(server);
  writeFileSync(seeded, '');
  await server.signIn(AUTHORS.email(7), AUTHORS.password);
}

async function seed(server) {
  await server.send('PATCH', '/api/settings', { batch: { enabled: true, maxRequests: 1000, timeout: 60 } });
  for (const collection of collections(await server.send('GET', '/api/collections/users'))) {
    const known = collection.name === 'users';
    await server.send(known ? 'PATCH' : 'POST', `/api/collections${known ? '/users' : ''}`, collection);
  }
  const start = performance.now();
  for (const [collection, batch] of rows(Number(flags.rows))) {
    const url = `/api/collections/${collection}/records`;
    await server.send('POST', '/api/batch', { requests: batch.map((body) => ({ method: 'POST', url, body })) });
  }
  console.error(`${server.name}: seeded in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

async function compare(test) {
  const result = { name: test.name };
  for (const server of servers) result[server.name] = await measure(server, test);
  const [theirs, ours] = servers.map((server) => result[server.name]);
  if (theirs.totalItems !== ours.totalItems || theirs.found !== ours.found) {
    throw new Error(`${test.name}: the answers differ: ${JSON.stringify(result)}`);
  }
  console.error(`${test.name}: ${theirs.cpuMs.toFixed(1)} ms and ${ours.cpuMs.toFixed(1)} ms`);
  return result;
}

/** Medians of the wall time, mean of the processor time, and what was found. */
async function measure(server, test) {
  const ask = test.deleted ? deletes(server, test.deleted) : lists(server, test);
  await ask(FIRST_NUMBER);
  const walls = [];
  let page;
  const [cpu, start] = [server.cpuMs(), performance.now()];
  const inTime = () => walls.length < LEAST_REQUESTS || performance.now() - start < Number(flags.seconds) * 1000;
  while (test.deleted ? walls.length < DELETES : inTime()) {
    const before = performance.now();
    page = await ask(FIRST_NUMBER + walls.length + 1);
    walls.push(performance.now() - before);
  }
  walls.sort((a, b) => a - b);
  return {
    requests: walls.length, wallMs: walls[walls.length >> 1], cpuMs: (server.cpuMs() - cpu) / walls.length,
    totalItems: page?.totalItems ?? 0, found: page?.items.length ?? 0,
  };
}

function lists(server, { query, filter, collection = 'posts', as = 'superuser' }) {
  return (number) => {
    const asked = filter ? { ...query, filter: filter(number) } : query;
    return server.send('GET', `/api/collections/${collection}/records?${new URLSearchParams(asked)}`, undefined, as);
  };
}

/** With data that is kept the same records may be gone already; others are taken then. */
function deletes(server, collection) {
  let ids;
  return async () => {
    ids ??= (await server.send('GET', `/api/collections/${collection}/records?fields=id&perPage=${DELETES + 1}&skipTotal=1`)).items;
    await server.send('DELETE', `/api/collections/${collection}/records/${ids.pop().id}`);
  };
}

function report(results) {
  const version = (binary) => execFileSync(binary, ['--version']).toString().trim();
  console.log(`${version(flags.pocketbase)}; ${version(flags.tinybase)}; ${flags.rows} rows, ${availableParallelism()} CPUs\n`);
  console.log('| case | found | PocketBase wall, CPU ms | Tinybase wall, CPU ms | wall | CPU |\n|---|---|---|---|---|---|');
  for (const { name, pocketbase, tinybase } of results) {
    const cell = ({ wallMs, cpuMs }) => `${wallMs.toFixed(1)}, ${cpuMs.toFixed(1)}`;
    const times = (key) => `${(pocketbase[key] / Math.max(tinybase[key], 0.001)).toFixed(1)} x`;
    const found = tinybase.totalItems === 0 && !tinybase.found ? '' : tinybase.totalItems >= 0 ? tinybase.totalItems : `first ${tinybase.found}`;
    console.log(`| ${name} | ${found} | ${cell(pocketbase)} | ${cell(tinybase)} | ${times('wallMs')} | ${times('cpuMs')} |`);
  }
  if (flags.json) writeFileSync(flags.json, JSON.stringify(results, null, 1));
}
