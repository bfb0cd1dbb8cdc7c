// `npm run fullsize`: published networks at their true sizes, with random weights that a hash makes, against goldens of
// the official code, with planned and measured memory. Half an hour on a software adapter; a GPU takes minutes.
// `npm run fullsize -- 256` runs what has 256 in its name; `-- --all` compares every sampling step; `-- --json FILE` adds
// what was measured to the file, part by part.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const { values, positionals: names } = parseArgs({
  options: { all: { type: 'boolean', default: false }, json: { type: 'string', default: '' } },
  allowPositionals: true,
});
const only = names.length > 0 ? ['-t', names.join(' ')] : [];
const args = ['run', '--config', 'bench/fullsize/vitest.config.ts', ...only];
const { status } = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), args, {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, FULLSIZE: values.all ? 'all' : '', FULLSIZE_JSON: values.json },
});
process.exit(status ?? 1);
