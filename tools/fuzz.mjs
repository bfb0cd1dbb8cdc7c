// `npm run fuzz`: the property tests of the file readers and of the import with 100,000 inputs a format; `npm run fuzz -- 5000` for fewer.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const inputs = Number(process.argv[2] ?? 100_000);
if (!Number.isInteger(inputs) || inputs < 1) {
  console.error(`fuzz: "${process.argv[2]}" is no number of inputs; give one of 1 or more.`);
  process.exit(2);
}
const dayMs = 24 * 3600 * 1000;
const files = ['formats/fuzz', 'formats/torchFuzz', 'engine/import/strangers'].map((name) => `src/${name}.test.ts`);
const args = ['run', ...files, `--testTimeout=${dayMs}`];
const { status } = spawnSync(join(root, 'node_modules', '.bin', 'vitest'), args, {
  cwd: root,
  stdio: ['ignore', 'inherit', 'inherit'],
  env: { ...process.env, FUZZ_RUNS: String(inputs) },
});
process.exit(status ?? 1);
