import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MASK, positionCount, type Grid } from './grid.ts';
import { boxMask, type TokenMask } from './mask.ts';
import {
  canExtend,
  directions,
  extend,
  MAX_WINDOWS_A_SIDE,
  putWindow,
  takeWindow,
  windowSeed,
  windowsOver,
} from './panorama.ts';

const window: Grid = { rows: 8, cols: 8 };
const raster = (grid: Grid) => Int32Array.from({ length: positionCount(grid) }, (_, p) => p);
const direction = fc.constantFrom(...directions);
const smallWindow = fc.record({ rows: fc.integer({ min: 1, max: 9 }), cols: fc.integer({ min: 1, max: 9 }) });

describe('extending', () => {
  it('adds half a picture on the side that was asked for', () => {
    const grids = directions.map((to) => extend(raster(window), window, window, to));
    expect(grids.map(({ grid }) => [grid.rows, grid.cols])).toEqual([
      [8, 12],
      [8, 12],
      [12, 8],
      [12, 8],
    ]);
    expect(grids.map(({ at }) => [at.row, at.col])).toEqual([
      [0, 4],
      [0, 0],
      [4, 0],
      [0, 0],
    ]);
  });

  it('keeps every token that there was, however often it is repeated, and masks the rest', () => {
    fc.assert(
      fc.property(smallWindow, fc.array(direction, { minLength: 1, maxLength: 6 }), (own, way) => {
        let [grid, tokens] = [own, raster(own)];
        for (const to of way) {
          const next = extend(tokens, grid, own, to);
          expect(takeWindow(next.tokens, next.grid, next.at)).toEqual(tokens);
          const fresh = next.tokens.filter((token) => token === MASK).length;
          expect(fresh).toBe(positionCount(next.grid) - positionCount(grid));
          expect(next.mask.reduce((sum, paint) => sum + paint, 0)).toBe(fresh);
          [grid, tokens] = [next.grid, next.tokens.map((token) => (token === MASK ? 7 : token))];
        }
      }),
    );
  });

  it('ends where the picture is as large as is allowed, and says so', () => {
    const longest = { rows: 8, cols: 8 * MAX_WINDOWS_A_SIDE };
    expect(canExtend(longest, window, 'right')).toBe(false);
    expect(canExtend(longest, window, 'down')).toBe(true);
    expect(() => extend(raster(longest), longest, window, 'right')).toThrow(/8 × 64 tokens.*cannot be extended right/);
  });
});

describe('the windows of a run', () => {
  it('are one for an extension of a picture of the model’s size: half of it known, half new', () => {
    const { mask, grid } = extend(raster(window), window, window, 'left');
    expect(windowsOver(mask, grid, window)).toEqual([{ row: 0, col: 0, height: 8, width: 8 }]);
    const right = extend(raster(window), window, window, 'right');
    expect(windowsOver(right.mask, right.grid, window)).toEqual([{ row: 0, col: 4, height: 8, width: 8 }]);
  });

  it('follow one another along a side that is longer than a window, half a window apart', () => {
    const wide = { rows: 8, cols: 16 };
    const { mask, grid } = extend(raster(wide), wide, window, 'down');
    const at = windowsOver(mask, grid, window).map(({ row, col }) => [row, col]);
    expect(at).toEqual([
      [4, 0],
      [4, 4],
      [4, 8],
    ]);
  });

  it('are one with a box in its middle, as far as the edge of the picture allows', () => {
    const wide = { rows: 8, cols: 24 };
    const over = (col: number) => windowsOver(boxMask({ row: 2, col, height: 3, width: 2 }, wide, 0), wide, window);
    expect(over(11)).toEqual([{ row: 0, col: 8, height: 8, width: 8 }]);
    expect(over(0)[0]!.col).toBe(0);
    expect(over(22)[0]!.col).toBe(16);
  });

  it('are the whole picture where that is of the model’s size, whatever is painted', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 64, maxLength: 64, max: 1 }), (mask) => {
        const windows = windowsOver(Uint8Array.from(mask), window, window);
        expect(windows).toEqual(mask.includes(1) ? [{ row: 0, col: 0, height: 8, width: 8 }] : []);
      }),
    );
  });

  it('lie inside the picture, paint every open cell, and each has something to paint', () => {
    const pictures = smallWindow.chain((own) =>
      fc
        .record({ rows: fc.integer({ min: own.rows, max: 20 }), cols: fc.integer({ min: own.cols, max: 20 }) })
        .chain((grid) => {
          const length = positionCount(grid);
          const mask = fc.array(fc.boolean(), { minLength: length, maxLength: length });
          return fc.record({ own: fc.constant(own), grid: fc.constant(grid), mask });
        }),
    );
    fc.assert(
      fc.property(pictures, ({ own, grid, mask }) => {
        const open: TokenMask = Uint8Array.from(mask, Number);
        for (const box of windowsOver(open, grid, own)) {
          expect(box).toMatchObject({ height: own.rows, width: own.cols });
          expect(box.row >= 0 && box.row + own.rows <= grid.rows).toBe(true);
          expect(box.col >= 0 && box.col + own.cols <= grid.cols).toBe(true);
          expect(takeWindow(open, grid, box).includes(1)).toBe(true);
          putWindow(open, grid, box, new Uint8Array(positionCount(own)));
        }
        expect(open.includes(1)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });
});

it('no two windows of a press share a seed, and the first has the press’s own', () => {
  const seeds = Array.from({ length: 64 }, (_, i) => windowSeed(4_294_967_295, i));
  expect(seeds[0]).toBe(4_294_967_295);
  expect(new Set(seeds).size).toBe(64);
  expect(seeds.every((seed) => Number.isInteger(seed) && seed >= 0 && seed < 2 ** 32)).toBe(true);
});
