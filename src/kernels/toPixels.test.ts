import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement, runOnDevice } from '../testing/agreement.ts';
import { fromPixels } from './fromPixels.ts';
import { toPixels } from './toPixels.ts';
import * as references from './toPixels.ref.ts';

function recordImage(height: number, width: number) {
  const rec = new Recorder();
  const image = rec.state('image', [height, width, 3], 'f32');
  return { rec, image, pixels: toPixels(rec, image) };
}

describe('toPixels', () => {
  it.each([
    { height: 1, width: 1, why: 'a single pixel' },
    { height: 3, width: 5, why: 'odd sides' },
    { height: 1, width: 257, why: 'one pixel more than threads' },
  ])('agrees with the reference on $height × $width, also out of range: $why', async ({ height, width }) => {
    const { rec, image, pixels } = recordImage(height, width);
    // A third of a grey level at a time, so that no value is near a half.
    const values = Float32Array.from({ length: 3 * height * width }, (_, i) => ((i * 31) % 1200) / 3 / 255 - 0.2);
    await expectAgreement(rec, references, new Map([[image, values]]), [pixels], { abs: 0, rel: 0 });
  });

  it('clips values of ±800', async () => {
    const { rec, image, pixels } = recordImage(1, 1);
    rec.keep(pixels);
    const inputs = new Map([[image, new Float32Array([-800, 800, 0.2])]]);
    const [bytes] = await runOnDevice(rec.finish('test'), inputs, [pixels]);
    expect([...new Uint8Array(bytes!)]).toEqual([0, 255, 51, 255]);
  });

  it('gives back every byte that fromPixels read', async () => {
    const rec = new Recorder();
    const given = rec.state('given', [16, 16], 'u32');
    const back = rec.keep(toPixels(rec, fromPixels(rec, given)));
    const grey = Uint32Array.from({ length: 256 }, (_, v) => 0xff000000 + v * 0x010101);
    const [bytes] = await runOnDevice(rec.finish('test'), new Map([[given, grey]]), [back]);
    expect([...new Uint32Array(bytes!)]).toEqual([...grey]);
  });
});
