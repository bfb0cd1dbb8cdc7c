import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Picture } from './engine.ts';
import { boxMask, type TokenMask } from './mask.ts';
import {
  enlargeBlend,
  enlargePicture,
  laidOn,
  pasteAt,
  pasteOver,
  ringBlend,
  softBlend,
  softRingCells,
} from './paste.ts';

const grid = { rows: 8, cols: 8 };
const size = 32;
const cell = size / grid.cols;

function noise(seed: number): Picture {
  const rgba = new Uint8ClampedArray(size * size * 4).map((_, i) => ((i + 1) * (seed * 2654435761 + 40503)) >>> 11);
  return { width: size, height: size, rgba };
}
const distanceInCells = (pixel: number, mask: TokenMask): number => {
  const [row, col] = [Math.floor(pixel / size / cell), Math.floor((pixel % size) / cell)];
  return Math.min(
    ...[...mask.keys()]
      .filter((p) => mask[p] === 1)
      .map((p) => Math.max(Math.abs(Math.floor(p / 8) - row), Math.abs((p % 8) - col))),
  );
};
const masks = fc
  .record({
    row: fc.nat(7),
    col: fc.nat(7),
    height: fc.integer({ min: 1, max: 8 }),
    width: fc.integer({ min: 1, max: 8 }),
  })
  .filter(({ row, col, height, width }) => row + height <= 8 && col + width <= 8)
  .map((box) => boxMask(box, grid, 0));

test('painted cells are wholly new, the ring fades, and no byte beyond it changes', () => {
  fc.assert(
    fc.property(masks, fc.nat(1000), (mask, seed) => {
      const [base, painted] = [noise(seed), noise(seed + 1)];
      const pasted = pasteOver(base, painted, ringBlend(mask, grid, size));
      for (let pixel = 0; pixel < size * size; pixel++) {
        const distance = distanceInCells(pixel, mask);
        const bytes = (of: Picture) => of.rgba.slice(pixel * 4, pixel * 4 + 4);
        if (distance === 0) expect(bytes(pasted)).toEqual(bytes(painted));
        if (distance > 1) expect(bytes(pasted)).toEqual(bytes(base));
      }
    }),
    { numRuns: 25 },
  );
});

test('in the ring the share falls evenly from the painted cells outwards', () => {
  const blend = ringBlend(boxMask({ row: 2, col: 2, height: 2, width: 2 }, grid, 0), grid, size);
  const shares = Array.from({ length: 8 }, (_, x) => blend[10 * size + 16 + x]);
  expect(shares).toEqual([0.875, 0.625, 0.375, 0.125, 0, 0, 0, 0]);
});

test('the soft blend for photographs never reaches beyond its ring', () => {
  const mask = boxMask({ row: 3, col: 3, height: 2, width: 2 }, grid, 1);
  const blend = softBlend(mask, grid, size);
  blend.forEach((share, pixel) => {
    expect(share).toBeGreaterThanOrEqual(0);
    expect(share).toBeLessThanOrEqual(1);
    if (distanceInCells(pixel, mask) > softRingCells(grid, size)) expect(share).toBe(0);
  });
  expect(blend[16 * size + 16]).toBe(1);
});

test('the ring of photographs is one cell on small pictures and two at the sizes of the paper', () => {
  expect(softRingCells(grid, 32)).toBe(1);
  expect(softRingCells({ rows: 16, cols: 16 }, 256)).toBe(2);
  expect(softRingCells({ rows: 32, cols: 32 }, 512)).toBe(2);
});

test('ten edits in a row leave every untouched byte as it was', () => {
  const start = noise(1);
  const touched = new Uint8Array(size * size);
  let picture = start;
  for (let edit = 0; edit < 10; edit++) {
    const blend = ringBlend(boxMask({ row: edit % 3, col: edit % 4, height: 2, width: 2 }, grid, 0), grid, size);
    blend.forEach((share, pixel) => share > 0 && (touched[pixel] = 1));
    picture = pasteOver(picture, noise(edit + 2), blend);
  }
  const moved = touched.filter((one, pixel) => {
    const at = pixel * 4;
    return one === 0 && [0, 1, 2, 3].some((i) => picture.rgba[at + i] !== start.rgba[at + i]);
  });
  expect(touched.includes(0)).toBe(true);
  expect(moved).toHaveLength(0);
});

test('pictures of different sizes are refused with their numbers', () => {
  const small: Picture = { width: 16, height: 16, rgba: new Uint8ClampedArray(16 * 16 * 4) };
  expect(() => pasteOver(noise(1), small, new Float32Array(size * size))).toThrow('32 × 32, 16 × 16 and 1024');
});

test('a picture pasted at a place changes nothing but what the blend says there', () => {
  const [base, painted] = [noise(1), { ...noise(2), width: 8, height: 4, rgba: noise(2).rgba.slice(0, 128) }];
  const blend = new Float32Array(32).map((_, i) => (i % 2 === 0 ? 1 : 0));
  const pasted = pasteAt(base, painted, blend, 20, 7);
  for (let pixel = 0; pixel < size * size; pixel++) {
    const [y, x] = [Math.floor(pixel / size) - 7, (pixel % size) - 20];
    const isPainted = y >= 0 && y < 4 && x >= 0 && x < 8 && x % 2 === 0;
    const [from, at] = isPainted ? [painted.rgba, y * 8 + x] : [base.rgba, pixel];
    expect(pasted.rgba.slice(pixel * 4, pixel * 4 + 4)).toEqual(from.slice(at * 4, at * 4 + 4));
  }
});

test('a picture that grew holds the one before where it was laid, and nothing around it', () => {
  const wide = laidOn({ width: 40, height: 36 }, noise(3), 8, 4);
  expect(wide.rgba).toHaveLength(40 * 36 * 4);
  const inside = (row: number) => wide.rgba.slice(((row + 4) * 40 + 8) * 4, ((row + 4) * 40 + 40) * 4);
  for (let row = 0; row < size; row++) expect(inside(row)).toEqual(noise(3).rgba.slice(row * 128, row * 128 + 128));
  expect(wide.rgba.slice(0, 4 * 40 * 4).every((byte) => byte === 0)).toBe(true);
});

test('an enlarged blend is 0 wherever the small one was, 1 inside, and never more', () => {
  fc.assert(
    fc.property(masks, fc.integer({ min: 2, max: 4 }), (mask, times) => {
      const small = softBlend(mask, grid, size);
      const large = enlargeBlend(small, size, times);
      large.forEach((share, pixel) => {
        const [y, x] = [Math.floor(pixel / (size * times) / times), Math.floor((pixel % (size * times)) / times)];
        if (small[y * size + x] === 0 && share !== 0) throw new Error(`${share} at ${pixel} where nothing may change`);
        if (!(share >= 0 && share <= 1)) throw new Error(`${share} at ${pixel} is no share`);
      });
    }),
    { numRuns: 8 },
  );
});

test('pixel art grows by squares, other pictures smoothly, and both to the size that was asked for', () => {
  const small = noise(4);
  const squares = enlargePicture(small, 3, true);
  expect(squares.width).toBe(size * 3);
  expect(squares.rgba.slice(((3 * 5 + 2) * size * 3 + 3 * 7 + 1) * 4).slice(0, 4)).toEqual(
    small.rgba.slice((5 * size + 7) * 4).slice(0, 4),
  );
  const smooth = enlargePicture(small, 3, false);
  expect([smooth.width, smooth.rgba.length]).toEqual([size * 3, squares.rgba.length]);
  expect(enlargePicture(small, 1, false)).toBe(small);
});
