#!/usr/bin/env node
// The `unmask` command: bundles src/cli when a source is newer than the bundle (shaders are imported as text, which
// Node cannot do by itself), then runs it. Works from any folder.
import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const bundle = join(root, '.cache', 'cli', 'main.mjs');

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
    logLevel: 'error',
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

const sources = ['src', 'shaders', 'package.json', 'bin'].map((name) => join(root, name));
if (Math.max(...sources.map(changedMs)) > changedMs(bundle)) {
  try {
    await build();
  } catch (error) {
    console.error(`unmask: the sources do not build: ${error.message}`);
    process.exit(1);
  }
}
const { main } = await import(pathToFileURL(bundle).href);
const code = await main(process.argv.slice(2), {
  root,
  out: (text) => process.stdout.write(text),
  err: (text) => process.stderr.write(text),
  isTerminal: process.stderr.isTTY === true,
});
// Dawn keeps threads alive; everything is written and closed by now. A pipe may still have to take our output.
process.stdout.write('', () => process.exit(code));
