import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectClose } from '../testing/agreement.ts';
import { loadGolden } from '../testing/golden.ts';
import { blendOf, composite, softMask } from './composite.ts';
import { MASK } from './grid.ts';
import { boxMask, boxOfPixels, maskTokens, unionOf } from './mask.ts';

const grid = { rows: 6, cols: 6 };

describe('the official edit', () => {
  const golden = loadGolden('official-a/edit.safetensors');
  const [row, col, height, width] = golden.i32('bbox_top_left_height_width') as unknown as [
    number,
    number,
    number,
    number,
  ];
  const mask = boxMask(boxOfPixels({ row, col, height, width }, 16), grid, 1);

  it('masks the recorded cells', () => {
    expect(mask).toEqual(golden.u8('latent_mask'));
  });

  it('blends by the recorded mask, byte by byte', () => {
    const { resized, blurred } = softMask(mask, grid, 96);
    expect(resized).toEqual(golden.u8('mask_resized_u8'));
    expect(blurred).toEqual(golden.u8('mask_blurred_u8'));
  });

  it.each([0, 1])('composes the recorded picture %i', (batch) => {
    const painted = golden.at('images', batch) as Float32Array;
    const actual = composite(painted, golden.f32('image'), blendOf(mask, grid, 96));
    expectClose('composite', actual, golden.at('composite', batch), { abs: 1e-6, rel: 0 });
  });

  it('starts from the recorded tokens, masked', () => {
    const input = Int32Array.from(golden.at('input_tokens', 0).subarray(1));
    const known = maskTokens(new Int32Array(36).fill(5), mask);
    expect(known.map((token) => (token === MASK ? 1 : 0))).toEqual(input.map((token) => (token === MASK ? 1 : 0)));
  });
});

describe('boxMask', () => {
  it('is the box and its halo, as far as the grid goes', () => {
    const size = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(fc.nat(5), fc.nat(5), size, size, fc.nat(7), (row, col, height, width, halo) => {
        fc.pre(row + height <= 6 && col + width <= 6);
        const near = (at: number, start: number, length: number) => at >= start - halo && at < start + length + halo;
        const expected = Array.from({ length: 36 }, (_, p) => {
          return near(Math.floor(p / 6), row, height) && near(p % 6, col, width) ? 1 : 0;
        });
        expect([...boxMask({ row, col, height, width }, grid, halo)]).toEqual(expected);
      }),
    );
  });

  it.each([
    [{ row: 6, col: 0, height: 1, width: 1 }, 'box.row is 6; it must be a whole number from 0 to 5'],
    [{ row: 0, col: -1, height: 1, width: 1 }, 'box.col is -1; it must be a whole number from 0 to 5'],
    [{ row: 2, col: 0, height: 5, width: 1 }, 'box.height is 5; it must be a whole number from 1 to 4'],
    [{ row: 0, col: 0, height: 1, width: 0 }, 'box.width is 0; it must be a whole number from 1 to 6'],
  ])('refuses %j', (box, message) => {
    expect(() => boxMask(box, grid)).toThrow(message);
  });

  it('joins several boxes', () => {
    const boxes = [0, 4].map((at) => boxMask({ row: at, col: at, height: 1, width: 1 }, grid, 0));
    expect([...unionOf(boxes, grid).entries()].filter(([, paint]) => paint === 1).map(([p]) => p)).toEqual([0, 28]);
  });
});
