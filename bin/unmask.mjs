#!/usr/bin/env node
// The `unmask` command: bundles src/cli when a source is newer than the bundle (shaders are imported as text, which
// Node cannot do by itself), then runs it in a second process. That one has our stderr as file 3 and its own thrown
// away, because graphics drivers write warnings there that nobody can switch off. UNMASK_DEBUG=1 shows them.
// Works from any folder.
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isatty } from 'node:tty';
import { fileURLToPath, pathToFileURL } from 'node:url';

const self = fileURLToPath(import.meta.url);
const root = dirname(dirname(self));
const bundle = join(root, '.cache', 'cli', 'main.mjs');
const stderrFile = Number(process.env.UNMASK_STDERR ?? 2);

function changedMs(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  // A folder's own time tells of files that were removed.
  return Math.max(found.mtimeMs, ...readdirSync(path).map((name) => changedMs(join(path, name))));
}

async function build() {
  const { build: bundleWith } = await import('vite');
  // Two commands may start at once: each builds aside, and the last one to finish wins.
  const draft = join(root, '.cache', `cli-${process.pid}`);
  await bundleWith({
    root,
    configFile: false,
    logLevel: 'silent',
    build: {
      ssr: join(root, 'src', 'cli', 'main.ts'),
      outDir: draft,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'main.mjs', codeSplitting: false } },
    },
  });
  mkdirSync(dirname(bundle), { recursive: true });
  renameSync(join(draft, 'main.mjs'), bundle);
  rmSync(draft, { recursive: true, force: true });
}

/** Build where needed and start the second process; its exit code is ours. */
async function launch() {
  const sources = ['src', 'shaders', 'package.json', 'bin'].map((name) => join(root, name));
  if (Math.max(...sources.map(changedMs)) > changedMs(bundle)) await build();
  const env = process.env.UNMASK_DEBUG ? { UNMASK_STDERR: '2' } : { UNMASK_STDERR: '3' };
  const child = spawn(process.execPath, [self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', process.env.UNMASK_DEBUG ? 'inherit' : 'ignore', 2],
    env: { ...process.env, ...env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    // Signals end a command on purpose, except for those of a crash.
    if (signal !== null && /SEGV|ABRT|ILL|BUS|KILL/.test(signal)) {
      console.error(`unmask: the process was ended by ${signal}; UNMASK_DEBUG=1 shows what the driver says.`);
    }
    process.exit(code ?? 1);
  });
}

/** Nobody who reads our output any more is no failure; a full disk is one. */
function failOutput(error) {
  if (error.code === 'ERR_STREAM_DESTROYED') return; // the cause is told apart from this
  if (error.code === 'EPIPE') process.exit(0);
  writeSync(stderrFile, `unmask: the output cannot be written (${error.code ?? error.message}); free some space.\n`);
  process.exit(3);
}

async function work() {
  process.stdout.on('error', failOutput);
  const { main } = await import(pathToFileURL(bundle).href);
  const code = await main(process.argv.slice(2), {
    root,
    out: (text) => process.stdout.write(text),
    err: (text) => writeSync(stderrFile, text),
    isTerminal: isatty(stderrFile),
  });
  // Dawn keeps threads alive; everything is written and closed by now. A pipe may still have to take our output.
  process.stdout.write('', (error) => (error ? failOutput(error) : process.exit(code)));
}

try {
  await (process.env.UNMASK_STDERR === undefined ? launch() : work());
} catch (error) {
  writeSync(stderrFile, `unmask: it cannot start, run npm install and try again (${error.message}).\n`);
  process.exit(1);
}
