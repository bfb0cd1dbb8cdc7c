import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { pictureOf } from '../engine/picture.ts';
import { toF32, toI32 } from '../formats/dtypes.ts';
import { openSafetensors, type Safetensors } from '../formats/safetensors.ts';
import { tensorOut } from '../formats/writeSafetensors.ts';
import { expectClose } from '../testing/agreement.ts';
import { unmask } from '../testing/commandLine.ts';
import { loadGolden } from '../testing/golden.ts';
import { withFile } from './files.ts';
import { writePng } from './pictures.ts';
import { writeTrace } from './traces.ts';

const root = new URL('../../', import.meta.url).pathname;
const folder = mkdtempSync(join(tmpdir(), 'unmask-tokenizers-'));
afterAll(() => rmSync(folder, { recursive: true }));
const inFolder = (name: string): string => join(folder, name);

/** The exit code of a command and what it says on stderr. */
async function ended(...args: string[]): Promise<[code: number, said: string]> {
  const { code, err } = await unmask(args);
  return [code, err];
}

const traced = <T>(read: (trace: Safetensors) => Promise<T>): Promise<T> =>
  withFile(inFolder('trace.safetensors'), async (file) => read(await openSafetensors(file)));

const side = 4;

describe.each([
  { path: 'hmorimitsu/tokenizer_imagenet256.ckpt', pixels: 'decoded.eps1e-6', range: 1 },
  { path: 'flax-derived/tokenizer_imagenet256_checkpoint', pixels: 'decoded', range: 1 },
  { path: 'openmuse/vqgan', pixels: 'decoded', range: 1 },
  { path: 'titok-vq/maskgit-vqgan-imagenet-f16-256.bin', pixels: 'decoded', range: 1 },
  { path: 'llamagen-vq/vq_ds16_c2i.pt', pixels: 'decoded', range: 2 },
  { path: 'taming/last.ckpt', pixels: 'decoded', range: 2 },
])('the tokenizer $path alone, imported by `unmask import`', ({ path, pixels, range }) => {
  const golden = loadGolden(`peers/${path.split('/')[0]}/golden.safetensors`);
  const model = inFolder(path.split('/')[0]!);
  const [, , size = 0] = golden.tensor('image').shape.slice(1);
  /** [3, size, size] from -1 or 0 to 1 → [size, size, 3] from 0 to 1. */
  const upright = (planes: ArrayLike<number>): Float32Array<ArrayBuffer> =>
    Float32Array.from({ length: 3 * size * size }, (_, i) => {
      const value = planes[(i % 3) * size * size + Math.floor(i / 3)]!;
      return range === 2 ? (value + 1) / 2 : value;
    });

  it('is imported when it is told its groups', async () => {
    const file = join(root, 'golden', 'peers', path);
    expect(await ended('import', '--tokenizer', file, '--groups', '4', '--out', model)).toEqual([0, '']);
  });

  it.each([0, 1])('decodes grid %i of any size to the pixels of its own code', async (row) => {
    const tokens = inFolder('tokens.safetensors');
    await writeTrace(tokens, [tensorOut('tokens', [side, side], Int32Array.from(golden.at('grid', row)))]);
    const out = ['--out', inFolder('x.png'), '--trace', inFolder('trace.safetensors')];
    expect(await ended('decode', '--model', model, '--tokens', tokens, ...out)).toEqual([0, '']);
    const found = await traced(async (trace) => toF32(await trace.read('pixels'), 'F32'));
    expectClose('pixels', found, upright(golden.at(pixels, row)), { abs: 6.6e-5, rel: 0 });
  });

  it.each([0, 1])('encodes picture %i in its own size, all codes but where 8 bits are too few', async (row) => {
    const picture = inFolder('picture.png');
    const rounded = upright(golden.at('image', row)).map((value) => Math.round(value * 255) / 255);
    await writePng(picture, pictureOf(rounded, size));
    const trace = inFolder('trace.safetensors');
    expect(await ended('encode', '--model', model, '--image', picture, '--trace', trace)).toEqual([0, '']);
    const found = await traced(async (each) => toI32(await each.read('tokens')));
    const wanted = [...golden.at('indices', row)];
    expect(found).toHaveLength(wanted.length);
    expect(wanted.filter((code, i) => code === found[i]).length).toBeGreaterThanOrEqual(side * side - 1);
  });
});
