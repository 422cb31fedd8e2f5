// Runs the checks listed in passing.txt against a fresh server and fails when one of them does not pass.
// The list only grows: `--record` adds what passes now.
//
//   node run.mjs --suite FOLDER --bin BINARY [--record] [--only area,area]
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const args = process.argv.slice(2);
const option = (name) => (args.includes(`--${name}`) ? args[args.indexOf(`--${name}`) + 1] : undefined);
const here = path.dirname(new URL(import.meta.url).pathname);
const listFile = path.join(here, 'passing.txt');
const suite = option('suite');
const bin = path.resolve(option('bin') ?? 'target/debug/tinybase');
if (!suite) throw new Error('--suite FOLDER is needed');

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'conformance-'));
let server;
try {
  const copy = path.join(work, 'suite');
  fs.cpSync(suite, copy, { recursive: true, filter: (file) => !file.includes('node_modules') });
  execFileSync('chmod', ['-R', 'u+w', copy]);
  execFileSync('npm', ['install', '--no-audit', '--no-fund', '--silent'], { cwd: copy, stdio: 'inherit' });

  const data = path.join(work, 'data');
  const [email, password] = ['admin@example.com', 'secret123456'];
  execFileSync(bin, ['admin', 'create', email, password, '--dir', data], { stdio: 'inherit' });
  server = spawn(bin, ['serve', '--dir', data, '--http', '127.0.0.1:0'], { stdio: ['ignore', 'pipe', 'ignore'] });
  const base = await new Promise((resolve, reject) => {
    let printed = '';
    server.stdout.on('data', (chunk) => {
      printed += chunk;
      const found = printed.match(/http:\/\/127\.0\.0\.1:\d+/);
      if (found) resolve(found[0]);
    });
    server.on('exit', (code) => reject(new Error(`the server ended with ${code}: ${printed}`)));
  });

  const report = path.join(work, 'report.json');
  const only = option('only') ? ['--only', option('only')] : [];
  const runner = ['run.mjs', '--base', base, '--email', email, '--password', password, '--json', report, ...only];
  try {
    execFileSync('node', runner, { cwd: copy, stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 28 });
  } catch (failure) {
    // Some checks are expected to fail; the report says which.
    if (!fs.existsSync(report)) throw failure;
  }
  const { areas, checks } = JSON.parse(fs.readFileSync(report, 'utf8'));
  const passing = new Set(checks.filter((check) => check.ok).map((check) => check.id));
  const listed = fs.existsSync(listFile) ? fs.readFileSync(listFile, 'utf8').split('\n').filter(Boolean) : [];
  for (const area of areas) console.log(`${area.area.padEnd(14)} ${area.passed} passed ${area.failed} failed`);
  if (args.includes('--failures')) for (const check of checks.filter((one) => !one.ok)) console.log(`${check.id}: ${check.error}`);
  if (args.includes('--record')) {
    const all = [...new Set([...listed, ...passing])].sort();
    fs.writeFileSync(listFile, `${all.join('\n')}\n`);
    console.log(`${all.length} checks recorded`);
  } else {
    const ran = new Set(checks.map((check) => check.id));
    const broken = listed.filter((id) => ran.has(id) && !passing.has(id));
    for (const id of broken) console.log(`no longer passes: ${id}: ${checks.find((check) => check.id === id).error}`);
    console.log(`${listed.length - broken.length} passed, ${broken.length} failed`);
    process.exitCode = broken.length ? 1 : 0;
  }
} finally {
  server?.kill('SIGTERM');
  fs.rmSync(work, { recursive: true, force: true });
}
