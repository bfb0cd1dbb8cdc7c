import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { closeUpOf, islandsOf, maskFromNear, pictureFromAfar, pictureFromNear, stepFromAfar } from './closeUp.ts';
import type { Picture, StepEvent } from './engine.ts';
import { boxMask, type Box } from './mask.ts';

interface Case {
  readonly cells: number;
  readonly side: number;
  readonly box: readonly [row: number, col: number, height: number, width: number];
  readonly times: number;
  readonly down: number;
  readonly across: number;
  readonly mask: string;
  /** RGB of pictures, hexadecimal. */
  readonly near: string;
  readonly back: string;
}

const url = new URL('../../golden/close-up.json', import.meta.url);
const cases = JSON.parse(readFileSync(url, 'utf8')) as Case[];
const CELL = 2;

/** A picture that no two places of look alike. */
function plain(side: number): Picture {
  const value = (i: number): number => (i * i * 7 + i * 13) % 251;
  const rgba = new Uint8ClampedArray(side * side * 4).map((_, i) =>
    i % 4 === 3 ? 255 : value((i >> 2) * 3 + (i % 4)),
  );
  return { width: side, height: side, rgba };
}
const negative = (picture: Picture): Picture => ({
  ...picture,
  rgba: picture.rgba.map((value, i) => (i % 4 === 3 ? 255 : 255 - value)),
});
const hexOf = ({ rgba }: Picture): string => Buffer.from(rgba.filter((_, i) => i % 4 !== 3)).toString('hex');

const grid = { rows: 16, cols: 16 };
const boxes = fc
  .record({
    row: fc.nat(15),
    col: fc.nat(15),
    height: fc.integer({ min: 1, max: 13 }),
    width: fc.integer({ min: 1, max: 13 }),
  })
  .filter(({ row, col, height, width }) => row + height <= 16 && col + width <= 16);
const SIDE = 14;
const rule = { below: SIDE, side: SIDE };
const seenOf = (box: Box) => {
  const mask = boxMask(box, grid, 0);
  return { mask, closeUp: closeUpOf(mask, grid, rule)! };
};

describe('a close-up', () => {
  it.each(cases)('is the one that was measured in training: $box of $cells × $cells cells', (c) => {
    const [row, col, height, width] = c.box;
    const own = { rows: c.cells, cols: c.cells };
    const mask = boxMask({ row, col, height, width }, own, 0);
    const closeUp = closeUpOf(mask, own, { below: c.side, side: c.side })!;
    expect(closeUp.down).toEqual({ start: c.down, times: c.times });
    expect(closeUp.across).toEqual({ start: c.across, times: c.times });
    expect([...maskFromNear(mask, own, closeUp)].join('')).toBe(c.mask);
    const picture = plain(c.cells * CELL);
    const near = pictureFromNear(picture, own, closeUp);
    expect(hexOf(near)).toBe(c.near);
    expect(hexOf(pictureFromAfar(picture, negative(near), mask, own, closeUp))).toBe(c.back);
  });

  it('lies within the picture, and its box has as many cells as it should', () => {
    fc.assert(
      fc.property(boxes, (box) => {
        const { mask, closeUp } = seenOf(box);
        for (const [{ start, times }, first, length] of [
          [closeUp.down, box.row, box.height],
          [closeUp.across, box.col, box.width],
        ] as const) {
          expect(start).toBeGreaterThanOrEqual(0);
          expect(start + 16 / times).toBeLessThanOrEqual(16 + 1e-9);
          expect(first).toBeGreaterThanOrEqual(start - 1e-9);
          expect(first + length).toBeLessThanOrEqual(start + 16 / times + 1e-9);
        }
        const open = maskFromNear(mask, grid, closeUp).reduce((sum, paint) => sum + paint, 0);
        const shorter = (Math.min(box.height, box.width) / Math.max(box.height, box.width)) * SIDE;
        expect(Math.abs(open / SIDE - shorter)).toBeLessThanOrEqual(1 + shorter / SIDE);
      }),
    );
  });

  it('is not needed where a side of the box is long enough', () => {
    const across = (width: number) => boxMask({ row: 1, col: 1, height: 2, width }, grid, 0);
    expect(closeUpOf(across(12), grid, { below: 12, side: 14 })).toBeUndefined();
    expect(closeUpOf(across(11), grid, { below: 12, side: 14 })!.across.times).toBe(14 / 11);
  });

  it('shows of its steps in every painted cell what is painted in its middle, and changes nothing elsewhere', () => {
    fc.assert(
      fc.property(boxes, (box) => {
        const { mask, closeUp } = seenOf(box);
        const near = maskFromNear(mask, grid, closeUp);
        const known = new Int32Array(256).fill(5);
        const painted = Int32Array.from(near, (paint) => (paint === 1 ? 7 : 6));
        const logProb = Float32Array.from(near, (paint) => (paint === 1 ? -1 : 0));
        const event: StepEvent = {
          step: 0,
          steps: 1,
          tokens: painted,
          guess: painted,
          logProb,
          confidence: logProb,
          ms: 1,
        };
        const step = stepFromAfar(event, known, mask, grid, closeUp);
        expect(step.tokens).toEqual(Int32Array.from(mask, (paint) => (paint === 1 ? 7 : 5)));
        expect(step.guess).toEqual(step.tokens);
        expect(step.logProb).toEqual(Float32Array.from(mask, (paint) => (paint === 1 ? -1 : 0)));
      }),
    );
  });

  it('puts back the cells of the mask alone', () => {
    const mask = boxMask({ row: 3, col: 4, height: 5, width: 6 }, grid, 0);
    mask[4 * 16 + 5] = 0;
    const closeUp = closeUpOf(mask, grid, rule)!;
    const picture = plain(16 * CELL);
    const red = { ...picture, rgba: picture.rgba.map((_, i) => (i % 4 === 0 || i % 4 === 3 ? 255 : 0)) };
    const after = pictureFromAfar(picture, red, mask, grid, closeUp);
    for (let pixel = 0; pixel < 32 * 32; pixel++) {
      const cell = Math.floor(pixel / 32 / CELL) * 16 + Math.floor((pixel % 32) / CELL);
      const from = mask[cell] === 1 ? red : picture;
      expect(after.rgba.slice(pixel * 4, pixel * 4 + 4)).toEqual(from.rgba.slice(pixel * 4, pixel * 4 + 4));
    }
  });
});

it('things that do not touch are islands of a mask', () => {
  const cells = (mask: Uint8Array): number[] => [...mask.keys()].filter((p) => mask[p] === 1);
  const small = { rows: 3, cols: 5 };
  const mask = Uint8Array.from([1, 1, 0, 0, 1, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]);
  expect(islandsOf(mask, small).map(cells)).toEqual([[0, 1], [4, 8], [10]]);
  expect(islandsOf(new Uint8Array(15), small)).toEqual([]);
});
