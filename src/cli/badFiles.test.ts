import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { importToy, unmask } from '../testing/commandLine.ts';
import { writeTrace } from './traces.ts';

const project = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'unmask-files-'));
const inFolder = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true }));
const shipped = inFolder('toy');
const toy = ['--model', shipped];

beforeAll(async () => {
  expect(await importToy(shipped)).toEqual({ code: 0, out: '', err: '' });
  writeFileSync(inFolder('names.json'), JSON.stringify(Array.from({ length: 10 }, (_, i) => `thing ${i}`)));
  writeFileSync(inFolder('empty.json'), JSON.stringify(['fox', ' , red fox']));
  await writeTrace(inFolder('tokens.safetensors'), [tensorOut('tokens', [6, 6], new Int32Array(36).fill(-1))]);
});

describe('unmask', () => {
  const files: [string, () => string[], RegExp][] = [
    [
      'a picture that is not there',
      () => ['encode', ...toy, '--image', inFolder('none.png'), '--trace', 'x'],
      /none\.png: it cannot be read/,
    ],
    [
      'a picture that is none',
      () => ['encode', ...toy, '--image', inFolder('names.json'), '--trace', 'x'],
      /names\.json: it is not a PNG, JPEG or WebP/,
    ],
    [
      'tokens that are no safetensors',
      () => ['decode', ...toy, '--tokens', inFolder('names.json'), '--out', 'x'],
      /names\.json: /,
    ],
    [
      'masks where a picture is wanted',
      () => ['decode', ...toy, '--tokens', inFolder('tokens.safetensors'), '--out', 'x'],
      /tokens holds -1 at index 0/,
    ],
    [
      'a folder without a model',
      () => ['decode', '--model', folder, '--tokens', inFolder('tokens.safetensors'), '--out', 'x'],
      /there is no model\.json in this folder/,
    ],
    [
      'a folder that is not there',
      () => ['decode', '--model', inFolder('a/b'), '--tokens', 'x', '--out', 'x'],
      /a\/b: there is no such folder; give a folder that unmask import wrote/,
    ],
    [
      'a file where a model is wanted',
      () => ['models', '--model', inFolder('names.json')],
      /names\.json: it is a file; give a folder/,
    ],
    [
      'a checkpoint that is none',
      () => ['import', '--tokenizer', inFolder('names.json'), '--out', inFolder('new')],
      /names\.json: this is JSON without weights/,
    ],
    [
      'a list of names that is none',
      () => ['import', '--tokenizer', 'x', '--classes', join(shipped, 'model.json'), '--out', inFolder('new')],
      /model\.json: it must be a list of class names/,
    ],
    [
      'a list in which a name is empty',
      () => ['import', '--tokenizer', 'x', '--classes', inFolder('empty.json'), '--out', inFolder('new')],
      /empty\.json: entry 1 must be a name, or \{ name, aliases \}, and not empty/,
    ],
    [
      'noise of another run',
      () => ['generate', ...toy, '--class', '0', '--noise', inFolder('tokens.safetensors'), '--out', 'x'],
      /there is no tensor drawNoise; it holds tokens/,
    ],
    [
      'a model with a cut shard',
      () => logitsOf(damaged((path) => truncateSync(path, 1000))),
      /weights-00\.safetensors has 1000 bytes where model\.json says \d+, it may be truncated/,
    ],
    ['a model with a changed shard', () => logitsOf(damaged(flipLastByte)), /weights-00\.safetensors has the sha256/],
  ];
  for (const [what, args, message] of files) {
    it(`refuses ${what} with exit code 3 and one sentence`, async () => {
      const { code, out, err } = await unmask(args());
      expect(err).toMatch(message);
      expect(err).toMatch(/^unmask: [^\n]*[.!?]\n$/);
      expect([code, out]).toEqual([3, '']);
      expect(existsSync(inFolder('new'))).toBe(false);
    });
  }

  it.runIf(existsSync('/dev/full'))('says with exit code 3 that its output has no room', () => {
    const full = openSync('/dev/full', 'w');
    const bin = join(project, 'bin', 'unmask.mjs');
    const { status, stderr } = spawnSync(process.execPath, [bin, 'models'], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    expect([status, stderr]).toEqual([3, 'unmask: the output cannot be written (ENOSPC); free some space.\n']);
  });

  it('says with exit code 4 and one sentence that there is no GPU', { timeout: 60_000 }, () => {
    // In a process of its own, because a process that has opened a GPU keeps it.
    const args = [
      'logits',
      '--model',
      shipped,
      '--class',
      '0',
      '--tokens',
      inFolder('tokens.safetensors'),
      '--trace',
      inFolder('x'),
    ];
    const { status, stderr } = spawnSync(process.execPath, [join(project, 'bin', 'unmask.mjs'), ...args], {
      encoding: 'utf8',
      cwd: folder,
      env: { ...process.env, VK_ICD_FILENAMES: '/nowhere.json', VK_DRIVER_FILES: '/nowhere.json' },
    });
    expect([status, stderr]).toEqual([4, expect.stringMatching(/^unmask: No graphics adapter was found; [^\n]*\.\n$/)]);
  });
});

/** A command that reads all weights of the transformer in this folder. */
function logitsOf(model: string): string[] {
  return ['logits', '--model', model, '--class', '0', '--tokens', inFolder('tokens.safetensors'), '--trace', 'x'];
}

/** A copy of the model whose first shard has been tampered with. */
function damaged(tamper: (path: string) => void): string {
  const copy = mkdtempSync(inFolder('damaged-'));
  mkdirSync(copy, { recursive: true });
  cpSync(shipped, copy, { recursive: true });
  tamper(join(copy, 'weights-00.safetensors'));
  return copy;
}

function flipLastByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
}
