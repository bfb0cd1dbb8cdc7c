import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { toF32, toI32 } from '../formats/dtypes.ts';
import { openSafetensors, type Safetensors } from '../formats/safetensors.ts';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { colourPixels, pictureOf } from '../engine/picture.ts';
import { expectClose } from '../testing/agreement.ts';
import { argsOf, unmask } from '../testing/commandLine.ts';
import { loadGolden } from '../testing/golden.ts';
import { withFile } from './files.ts';
import { readPicture, writePng } from './pictures.ts';
import { writeTrace } from './traces.ts';

const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'unmask-sizes-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);
const [tokensFile, traceFile, pictureFile] = ['tokens.safetensors', 'trace.safetensors', 'picture.png'].map(inFolder);

async function done(command: string, flags: Readonly<Record<string, string | number>>): Promise<void> {
  expect(await unmask(argsOf(command, flags))).toMatchObject({ code: 0, err: '' });
}

const traced = <T>(read: (trace: Safetensors) => Promise<T>): Promise<T> =>
  withFile(traceFile!, async (file) => read(await openSafetensors(file)));

const checkpoint = (name: string): string => join(root, 'golden', 'sizes', `${name}.pth`);

// Made by golden/sizes/make.py: odd widths, one layer, heads that do not divide the width, grids from 2 × 2 to 6 × 6.
describe.each([
  { name: 'official', told: { heads: 5, codebook: 33 } },
  { name: 'halton', told: { heads: 3 } },
  { name: 'valeo', told: { heads: 3, codebook: 50 } },
  { name: 'muse', told: { heads: 2, codebook: 17 } },
])('a transformer of the family $name in a size that nobody published', ({ name, told }) => {
  it('gives the logits of its formulas for its first class, its last and none', async () => {
    const golden = loadGolden(`sizes/${name}.golden.safetensors`);
    const model = inFolder(name);
    await done('import', { transformer: checkpoint(name), out: model, ...told });
    const [rows = 0, positions = 0, codebook = 0] = golden.tensor('logits').shape;
    expect(rows).toBe(name === 'official' ? 2 : 3);
    for (let row = 0; row < rows; row++) {
      await writeTrace(tokensFile!, [tensorOut('tokens', [positions], Int32Array.from(golden.at('tokens', row)))]);
      await done('logits', { model, tokens: tokensFile!, class: golden.i32('class')[row]!, trace: traceFile! });
      const found = await traced(async (trace) => toF32(await trace.read('logits'), 'F32'));
      const wanted = golden.at('logits', row) as Float32Array;
      expectClose('logits', found, wanted, { abs: 2e-4, rel: 0 });
      const best = (all: Float32Array, p: number): number => {
        const each = all.subarray(p * codebook, (p + 1) * codebook);
        return each.indexOf(Math.max(...each));
      };
      for (let p = 0; p < positions; p++) expect(best(found, p)).toBe(best(wanted, p));
    }
  });
});

describe.each([
  { name: 'titok', groups: 2 },
  { name: 'taming', groups: 2 },
  { name: 'llamagen', groups: 4 },
])('a tokenizer of the family $name in a size that nobody published', ({ name, groups }) => {
  it('decodes to the pixels of its formulas and encodes to their codes', async () => {
    const golden = loadGolden(`sizes/${name}.golden.safetensors`);
    const model = inFolder(name);
    await done('import', { tokenizer: checkpoint(name), out: model, groups });
    const [side = 0] = golden.tensor('grid').shape;
    await writeTrace(tokensFile!, [tensorOut('tokens', [side, side], Int32Array.from(golden.i32('grid')))]);
    await done('decode', { model, tokens: tokensFile!, out: pictureFile!, trace: traceFile! });
    const pixels = await traced(async (trace) => toF32(await trace.read('pixels'), 'F32'));
    expectClose('pixels', pixels, golden.f32('pixels'), { abs: 1e-4, rel: 0 });

    const [size = 0] = golden.tensor('image').shape;
    const image = Float32Array.from(golden.u8('image'), (value) => value / 255);
    await writePng(pictureFile!, pictureOf(image, size));
    expectClose('picture', colourPixels(await readPicture(pictureFile!)), image, { abs: 1e-6, rel: 0 });
    await done('encode', { model, image: pictureFile!, trace: traceFile! });
    const codes = await traced(async (trace) => toI32(await trace.read('tokens')));
    expect([...codes]).toEqual([...golden.i32('codes')]);
  });
});
