import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { haltonOrder, haltonRanks } from './halton.ts';

describe('haltonOrder', () => {
  // First 16 hexadecimal digits of SHA-256 over the published sampler's order as little-endian int32.
  it.each([
    [
      8,
      'c32bbbed3cff9ddb',
      [
        [4, 2],
        [2, 5],
        [6, 0],
        [1, 3],
        [5, 6],
        [3, 1],
        [7, 4],
        [0, 7],
        [4, 0],
      ],
    ],
    [
      16,
      '4a9e288d5add4adb',
      [
        [8, 5],
        [4, 10],
        [12, 1],
        [2, 7],
        [10, 12],
        [6, 3],
        [14, 8],
        [1, 14],
      ],
    ],
    [
      24,
      '9b36d81979f720f9',
      [
        [12, 8],
        [6, 16],
        [18, 2],
        [3, 10],
        [15, 18],
        [9, 5],
        [21, 13],
      ],
    ],
    [
      32,
      '85366757bbfc0f9b',
      [
        [16, 10],
        [8, 21],
        [24, 3],
        [4, 14],
        [20, 24],
        [12, 7],
      ],
    ],
  ])('is the published order on a grid of %i', (side, hash, first) => {
    const order = haltonOrder({ rows: side, cols: side });
    expect([...order.subarray(0, first.length)]).toEqual(first.map(([row, col]) => row! * side + col!));
    expect(createHash('sha256').update(order).digest('hex').slice(0, 16)).toBe(hash);
  });

  it('meets every position of any grid exactly once, and the ranks are its inverse', () => {
    const side = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(side, side, (rows, cols) => {
        const order = haltonOrder({ rows, cols });
        const ranks = haltonRanks({ rows, cols });
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from(order, (_, i) => i));
        order.forEach((position, rank) => expect(ranks[position]).toBe(rank));
      }),
      { numRuns: 30 },
    );
  });
});
