import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Picture } from '../core/engine.ts';
import { MASK } from '../core/grid.ts';
import { toI32 } from '../formats/dtypes.ts';
import { openSafetensors } from '../formats/safetensors.ts';
import { withFile } from './files.ts';
import { unmask } from '../testing/commandLine.ts';
import { readPicture } from './pictures.ts';

const root = new URL('../../', import.meta.url).pathname;
const golden = (path: string): string => join(root, 'golden', 'official-a', path);
const folder = mkdtempSync(join(tmpdir(), 'unmask-outpaint-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);
const input = golden('input.png');
const model = inFolder('toy');
/** The toy model: 6 × 6 cells of 16 pixels; on photographs two cells around what is new may blend. */
const CELL = 16;
const RING = 2;

async function ended(...args: string[]): Promise<{ code: number; err: string }> {
  const { code, err } = await unmask(args);
  return { code, err };
}

function extend(image: string, out: string, ...more: string[]): Promise<{ code: number; err: string }> {
  const sampling = ['--class', '3', '--steps', '2', '--seed', '5'];
  const files = ['--image', image, '--out', inFolder(`${out}.png`), '--trace', inFolder(`${out}.safetensors`)];
  return ended('edit', '--model', model, ...sampling, ...files, ...more);
}

async function ints(file: string, name: string): Promise<{ shape: readonly number[]; values: number[] }> {
  return withFile(inFolder(`${file}.safetensors`), async (open) => {
    const tensors = await openSafetensors(open);
    return { shape: tensors.entries.get(name)!.shape, values: [...toI32(await tensors.read(name))] };
  });
}

/** Pixels of `before` that differ where it lies at (left, top) of `after`, at least `from` pixels inside its seams. */
function differing(
  before: Picture,
  after: Picture,
  left: number,
  top: number,
  isFar: (x: number, y: number) => boolean,
) {
  let differ = 0;
  for (let y = 0; y < before.height; y++) {
    for (let x = 0; x < before.width; x++) {
      if (!isFar(x, y)) continue;
      const [a, b] = [(y * before.width + x) * 4, ((y + top) * after.width + x + left) * 4];
      if (before.rgba.subarray(a, a + 4).join() !== after.rgba.subarray(b, b + 4).join()) differ++;
    }
  }
  return differ;
}

beforeAll(async () => {
  const parts = ['tokenizer', 'maskgit'].map((part) => golden(`checkpoints/${part}_imagenet96_checkpoint`));
  expect(
    await ended('import', '--tokenizer', parts[0]!, '--transformer', parts[1]!, '--out', model, '--dtype', 'f32'),
  ).toEqual({ code: 0, err: '' });
  expect(await extend(input, 'wide', '--outpaint', 'right:1', '--outpaint', 'down')).toEqual({ code: 0, err: '' });
});

it('extends a picture to the right and down: known tokens stay, and every pixel but those near the seam', async () => {
  const [before, after] = [await readPicture(input), await readPicture(inFolder('wide.png'))];
  expect([after.width, after.height]).toEqual([144, 144]);
  const far = 96 - RING * CELL;
  expect(differing(before, after, 0, 0, (x, y) => x < far && y < far)).toBe(0);

  expect(await ended('encode', '--model', model, '--image', input, '--trace', inFolder('read.safetensors'))).toEqual({
    code: 0,
    err: '',
  });
  const { values: read } = await ints('read', 'tokens');
  const { values: start } = await ints('wide', 'startTokens');
  const { values: final, shape } = await ints('wide', 'finalTokens');
  expect(shape).toEqual([9, 9]);
  const known = start.map((_, p) => (p % 9 < 6 && p < 54 ? read[Math.floor(p / 9) * 6 + (p % 9)]! : MASK));
  expect(start).toEqual(known);
  expect(final.map((token, p) => (start[p] === MASK ? MASK : token))).toEqual(start);
  expect(final.includes(MASK)).toBe(false);
  const windows = await ints('wide', 'windows');
  expect(windows.values).toEqual([0, 3, 6, 6, 3, 0, 6, 6, 3, 3, 6, 6]);
  expect((await ints('wide', 'tokens')).shape).toEqual([6, 36]);
});

it('goes on with a picture that was extended before', async () => {
  expect(await extend(inFolder('wide.png'), 'more', '--outpaint', 'left:1')).toEqual({ code: 0, err: '' });
  const [before, after] = [await readPicture(inFolder('wide.png')), await readPicture(inFolder('more.png'))];
  expect([after.width, after.height]).toEqual([192, 144]);
  expect(differing(before, after, 48, 0, (x) => x >= RING * CELL)).toBe(0);
});

it('refuses to go on for ever, before it paints anything', async () => {
  const { code, err } = await extend(input, 'long', '--outpaint', 'up:14', '--outpaint', 'up');
  expect(code).toBe(2);
  expect(err).toMatch(/48 × 6 tokens; 8 times the model's own 6 × 6 are the most, so it cannot be extended up/);
});

const refusals: [string, string[], RegExp][] = [
  ['an edit of nothing', [], /--box is missing, give --box .* or --outpaint/],
  ['boxes and an extension in one call', ['--box', '0,0,1,1:0', '--outpaint', 'up'], /two edits/],
  ['a class beside a box', ['--box', '0,0,1,1:0', '--class', '1'], /--class is for --outpaint/],
  ['a halo for an extension', ['--outpaint', 'up', '--halo', '1'], /--halo is for --box/],
  [
    'an extension to nowhere',
    ['--outpaint', 'in:2'],
    /--outpaint must be one of left, right, up, down .* it is "in:2"/,
  ],
  ['an extension by nothing', ['--outpaint', 'up:0'], /1 to 14, like right:2; it is "up:0"/],
  ['an extension of an unknown class', ['--outpaint', 'up', '--class', '10'], /an index from 0 to 9, it is "10"/],
  ['an extension without the class that the model wants', ['--outpaint', 'up'], /--class is missing/],
];
for (const [what, args, message] of refusals) {
  it(`refuses ${what} with exit code 2 and one sentence`, async () => {
    const { code, err } = await ended('edit', '--model', model, '--image', 'x', '--out', 'y', ...args);
    expect(err).toMatch(message);
    expect(err).toMatch(/^unmask: [^\n]*[.!?]\n$/);
    expect(code).toBe(2);
  });
}
