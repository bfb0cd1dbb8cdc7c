// `npm test`: installs what is missing, then checks and every test, and closes with 'N passed, N failed'.
// A check (format, types, lint, build) counts as one test each. `npm test -- --only unit` runs one part.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installPackages } from './setup.mjs';
import { findChromium, prepareSystem } from './system.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const reports = join(root, '.cache', 'reports');
const bin = (name) => join(root, 'node_modules', '.bin', name);
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Run a command with its output shown; true when it exits with 0. */
function run(command, args, env = {}) {
  console.log(`\n── ${[command.split('/').at(-1), ...args].join(' ')}`);
  const { status } = spawnSync(command, args, {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...env },
  });
  return status === 0;
}

function check(command, ...args) {
  counts[run(command, args) ? 'passed' : 'failed']++;
}

/** Add up a runner's JSON report; a runner that failed without a report, or without a failed test, counts as one failure. */
function addReport(file, ok, read) {
  const report = existsSync(file) ? read(readFileSync(file, 'utf8')) : { passed: 0, failed: 0, skipped: 0 };
  for (const key of Object.keys(counts)) counts[key] += report[key];
  if (!ok && report.failed === 0) counts.failed++;
}

const parts = {
  checks() {
    check(bin('prettier'), '--check', '--log-level', 'warn', '.');
    check(bin('tsc'), '-b');
    check(bin('oxlint'), '--deny-warnings');
    check(bin('knip'));
  },
  unit() {
    const file = join(reports, 'unit.json');
    const ok = run(bin('vitest'), ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]);
    addReport(file, ok, (json) => {
      const r = JSON.parse(json);
      return { passed: r.numPassedTests, failed: r.numFailedTests, skipped: r.numPendingTests + r.numTodoTests };
    });
  },
  train() {
    const python = ['python3', 'python'].find(
      (name) => spawnSync(name, ['-c', 'import torch, numpy, PIL, pytest, msgpack']).status === 0,
    );
    if (python === undefined) {
      console.log(
        '\n── train/: left out, because this machine has no Python with what train/pyproject.toml lists for its tests',
      );
      return;
    }
    const file = join(reports, 'train.xml');
    const ok = run(python, ['-m', 'pytest', '-q', 'train', `--junitxml=${file}`]);
    addReport(file, ok, (xml) => {
      const [tests, failures, errors, skipped] = ['tests', 'failures', 'errors', 'skipped'].map((name) =>
        Number(new RegExp(` ${name}="(\\d+)"`).exec(xml)?.[1] ?? 0),
      );
      return { passed: tests - failures - errors - skipped, failed: failures + errors, skipped };
    });
  },
  e2e() {
    check(bin('vite'), 'build', '--logLevel', 'warn');
    check(process.execPath, join(root, 'tools', 'size.mjs'), '--check');
    const file = join(reports, 'e2e.json');
    const ok = run(bin('playwright'), ['test', '--reporter=list,json'], {
      PLAYWRIGHT_JSON_OUTPUT_NAME: file,
      CHROMIUM: findChromium() ?? '',
    });
    addReport(file, ok, (json) => {
      const { stats } = JSON.parse(json);
      return { passed: stats.expected + stats.flaky, failed: stats.unexpected, skipped: stats.skipped };
    });
  },
  /** `npm start` must print an address at which the page answers. */
  async start() {
    console.log('\n── npm start');
    const server = spawn('npm', ['start'], { cwd: root, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    const address = await new Promise((resolve) => {
      let text = '';
      setTimeout(() => resolve(undefined), 180_000).unref();
      server.on('exit', () => resolve(undefined));
      server.stdout.on('data', (data) => {
        text += data;
        // eslint-disable-next-line no-control-regex -- the address is printed in colours
        const found = /http:\/\/localhost:\d+\//.exec(text.replace(/\x1b\[\d+m/g, ''));
        if (found !== null) resolve(found[0]);
      });
    });
    const page = address === undefined ? '' : await fetch(address).then((answer) => answer.text(), String);
    const ok = page.includes('<title>');
    console.log(ok ? `the page answers at ${address}` : `no page at ${address ?? 'any address'}`);
    counts[ok ? 'passed' : 'failed']++;
    process.kill(-server.pid);
  },
};

async function main() {
  const only = process.argv.indexOf('--only');
  const names = only < 0 ? Object.keys(parts) : process.argv.slice(only + 1);
  const unknown = names.find((name) => !(name in parts));
  if (unknown !== undefined) throw new Error(`no part '${unknown}'; there are ${Object.keys(parts).join(', ')}`);
  installPackages();
  prepareSystem();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  for (const name of names) await parts[name]();
  console.log(
    `\n${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`,
  );
  process.exitCode = counts.failed === 0 ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
