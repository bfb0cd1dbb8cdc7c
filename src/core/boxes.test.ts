import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  boxAround,
  boxBetween,
  boxOnThirds,
  growMask,
  handles,
  invertMask,
  masksInTurn,
  moveBox,
  paintPlan,
  resizeBox,
  shrinkMask,
  weakestPositions,
} from './boxes.ts';
import type { Box } from './mask.ts';

const grid = { rows: 8, cols: 12 };
const anyGrid = fc.record({ rows: fc.integer({ min: 1, max: 20 }), cols: fc.integer({ min: 1, max: 20 }) });
const coordinate = fc.double({ min: -30, max: 50, noNaN: true });
const point = fc.record({ row: coordinate, col: coordinate });
const shift = fc.integer({ min: -40, max: 40 });
const modifiers = fc.record({ keepRatio: fc.boolean(), fromCentre: fc.boolean() });

function fits({ row, col, height, width }: Box, { rows, cols }: { rows: number; cols: number }): boolean {
  return (
    [row, col, height, width].every(Number.isInteger) &&
    row >= 0 &&
    col >= 0 &&
    height >= 1 &&
    width >= 1 &&
    row + height <= rows &&
    col + width <= cols
  );
}

describe('a box', () => {
  it('stays inside the grid and holds a whole cell, whatever is dragged where', () => {
    fc.assert(
      fc.property(
        anyGrid,
        point,
        point,
        modifiers,
        shift,
        shift,
        fc.constantFrom(...handles),
        (g, a, b, keys, dr, dc, handle) => {
          const box = boxBetween(a, b, g, keys);
          const moved = moveBox(box, dr, dc, g);
          expect(
            [box, moved, resizeBox(moved, handle, dr, dc, g, keys), boxAround(a, 4, g)].every((x) => fits(x, g)),
          ).toBe(true);
          expect([moved.height, moved.width]).toEqual([box.height, box.width]);
        },
      ),
    );
  });

  it('takes every cell that the drag touched', () => {
    expect(boxBetween({ row: 1.9, col: 5.2 }, { row: 3.1, col: 2.5 }, grid)).toEqual({
      row: 1,
      col: 2,
      height: 3,
      width: 4,
    });
  });

  it('becomes a square with Shift, and grows from its centre with Alt', () => {
    expect(boxBetween({ row: 1, col: 1 }, { row: 3, col: 6 }, grid, { keepRatio: true })).toEqual({
      row: 1,
      col: 1,
      height: 5,
      width: 5,
    });
    expect(boxBetween({ row: 4, col: 6 }, { row: 5, col: 8 }, grid, { fromCentre: true })).toEqual({
      row: 3,
      col: 4,
      height: 2,
      width: 4,
    });
  });

  it('goes in steps of two cells when it is coarse, and onto thirds when it is fitted to them', () => {
    const coarse = boxBetween({ row: 1.2, col: 3.1 }, { row: 2.9, col: 6.5 }, grid, { isCoarse: true });
    expect(coarse).toMatchObject({ row: 0, col: 2, height: 4 });
    expect(coarse.width).toBe(Math.min(6, grid.cols - 2));
    const nine = { rows: 9, cols: 9 };
    expect(boxOnThirds({ row: 1, col: 4, height: 1, width: 5 }, nine)).toEqual({ row: 0, col: 3, height: 3, width: 6 });
    expect(boxOnThirds({ row: 8, col: 0, height: 1, width: 9 }, nine)).toEqual({ row: 6, col: 0, height: 3, width: 9 });
    expect(boxOnThirds({ row: 0, col: 0, height: 1, width: 1 }, { rows: 1, cols: 2 })).toMatchObject({ height: 1 });
  });

  it('moves only the sides of its handle', () => {
    const box = { row: 2, col: 3, height: 4, width: 4 };
    expect(resizeBox(box, 'nw', 1, -1, grid)).toEqual({ row: 3, col: 2, height: 3, width: 5 });
    expect(resizeBox(box, 'e', 5, 2, grid)).toEqual({ row: 2, col: 3, height: 4, width: 6 });
    expect(resizeBox(box, 's', -9, 0, grid)).toEqual({ row: 2, col: 3, height: 1, width: 4 });
  });

  it('keeps its identity and class when it is moved or resized', () => {
    const box = { id: 7, classId: 3, row: 0, col: 0, height: 2, width: 2 };
    expect(moveBox(box, 1, 1, grid)).toMatchObject({ id: 7, classId: 3 });
    expect(resizeBox(box, 'se', 1, 1, grid)).toMatchObject({ id: 7, classId: 3, height: 3, width: 3 });
  });
});

describe('a plan of boxes', () => {
  const small = { rows: 3, cols: 4 };

  it('gives an overlap to the later box, and keeps the rest', () => {
    const boxes = [
      { id: 1, classId: 5, row: 0, col: 0, height: 2, width: 2 },
      { id: 2, classId: 9, row: 1, col: 1, height: 2, width: 2 },
    ];
    const { mask, classOfPosition } = paintPlan(boxes, undefined, small);
    expect([...mask]).toEqual([1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0]);
    expect([...classOfPosition]).toEqual([5, 5, -1, -1, 5, 9, 9, -1, -1, 9, 9, -1]);
  });

  it('lets no halo take a cell from the inside of another box', () => {
    const boxes = [
      { id: 1, classId: 5, row: 0, col: 0, height: 1, width: 1 },
      { id: 2, classId: 9, row: 0, col: 1, height: 1, width: 1 },
    ];
    expect([...paintPlan(boxes, undefined, small, 1).classOfPosition].slice(0, 4)).toEqual([5, 9, 9, -1]);
  });

  it('paints free cells and boxes of no class as the picture', () => {
    const free = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    const { mask, classOfPosition } = paintPlan([{ id: 1, row: 2, col: 3, height: 1, width: 1 }], free, small);
    expect([...mask]).toEqual([1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    expect(new Set(classOfPosition)).toEqual(new Set([-1]));
  });
});

describe('masks in turn', () => {
  const mask = Uint8Array.of(1, 1, 1, 0, 1, 1);
  const classOf = Int32Array.of(5, 9, 5, 5, -1, 9);

  it('are one for each class, in the order asked for', () => {
    const masks = masksInTurn(mask, classOf, [9, 5, 9, -1]);
    expect(masks.map((one) => [...one])).toEqual([
      [0, 1, 0, 0, 0, 1],
      [1, 0, 1, 0, 0, 0],
      [0, 0, 0, 0, 1, 0],
    ]);
  });

  it('leave out a class that paints nothing, as one under a later box', () => {
    expect(masksInTurn(Uint8Array.of(1, 0), Int32Array.of(9, 5), [5, 9])).toEqual([Uint8Array.of(1, 0)]);
    expect(masksInTurn(new Uint8Array(2), Int32Array.of(9, 5), [5, 9])).toEqual([]);
  });
});

describe('a mask', () => {
  it('grows by one cell all around and shrinks back', () => {
    const one = new Uint8Array(25);
    one[12] = 1;
    const square = { rows: 5, cols: 5 };
    const grown = growMask(one, square);
    expect([...grown].filter(Boolean)).toHaveLength(9);
    expect(shrinkMask(grown, square)).toEqual(one);
  });

  it('inverted twice is itself', () => {
    const mask = Uint8Array.of(1, 0, 0, 1);
    expect(invertMask(invertMask(mask))).toEqual(mask);
  });

  it('of the weakest takes the asked share, least sure first', () => {
    expect([...weakestPositions([-1, -5, Infinity, -2], 0.5)]).toEqual([0, 1, 0, 1]);
  });
});
