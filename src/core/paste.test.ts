import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Picture } from './engine.ts';
import { boxMask, type TokenMask } from './mask.ts';
import { pasteOver, ringBlend, softBlend, softRingCells } from './paste.ts';

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
