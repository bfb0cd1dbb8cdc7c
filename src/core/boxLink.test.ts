import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBoxLink, writeBoxLink } from './boxLink.ts';

const grid = { rows: 8, cols: 8 };
const classes = ['dog', 'ice, cream; & more', 'fox'].map((name) => ({
  name,
  aliases: name === 'dog' ? ['puppy'] : [],
}));
const nameOf = (classId: number): string => classes[classId]!.name;
const read = (hash: string) => parseBoxLink(hash, grid, classes);

describe('a link with boxes', () => {
  it('brings back every box and its class', () => {
    const boxes = [
      { row: 2, col: 1, width: 4, height: 3, classId: 1 },
      { row: 0, col: 0, width: 8, height: 8 },
    ];
    expect(read(writeBoxLink(boxes, nameOf))).toEqual({ boxes, unknown: [] });
    expect(writeBoxLink(boxes.slice(1), nameOf)).toBe('#boxes=1,1,8,8,');
  });

  it('is read on another grid and by other names, and says which names are not known', () => {
    expect(read('#boxes=12,3,4,40,puppy;1,1,1,1,unicorn')).toEqual({
      boxes: [
        { row: 0, col: 4, width: 4, height: 8, classId: 0 },
        { row: 0, col: 0, width: 1, height: 1 },
      ],
      unknown: ['unicorn'],
    });
  });

  it('never fails, whatever it says, and never gives a box outside the grid', () => {
    for (const junk of ['', '#', '#boxes=', '#boxes=a,b,c,d', '#boxes=1,1,0,1,dog', '#boxes=1,1,1', '#other=1,1,1,1']) {
      expect(read(junk)).toBeUndefined();
    }
    expect(read('#boxes=1,1,2,2,%E0%A4%A')?.unknown).toHaveLength(1);
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[-0-9.,;%a-f]*$/)), (text) => {
        for (const { row, col, width, height } of read(`#boxes=${text}`)?.boxes ?? []) {
          expect(Math.min(row, col, width - 1, height - 1)).toBeGreaterThanOrEqual(0);
          expect(Math.max(row + height, col + width)).toBeLessThanOrEqual(8);
        }
      }),
      { numRuns: 300 },
    );
  });
});
