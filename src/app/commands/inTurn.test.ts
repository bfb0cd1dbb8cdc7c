import { expect, test } from 'vitest';
import type { Engine } from '../../core/engine.ts';
import { MASK } from '../../core/grid.ts';
import type { GenerateRequest } from '../../core/request.ts';
import { sheetOf } from '../store/editing.ts';
import { editingDesk, pixelsOf, withPicture } from '../testing/editingDesk.ts';
import { addBox, setBoxClass } from './boxes.ts';
import type { Desk } from './desk.ts';
import { extendPicture } from './extend.ts';
import { generate, stopJob } from './generate.ts';
import { adoptPicture, readByModel } from './importPicture.ts';
import { keepStaged, repaintWords } from './staging.ts';

const state = (desk: Desk) => desk.store.getState();
const baseId = (desk: Desk) => sheetOf(state(desk)).baseId;

/** Cells of the picture of `withPicture` that a request leaves as they were, paints, and shows otherwise. */
function cellsOf(request: GenerateRequest, before: Int32Array) {
  const all = [...before.keys()];
  return {
    painted: all.filter((p) => request.tokens![p] === MASK),
    changed: all.filter((p) => request.tokens![p] !== MASK && request.tokens![p] !== before[p]),
  };
}

test('boxes of several classes are painted one after the other, and those to come show what was there', async () => {
  const { desk, requests } = await withPicture();
  const before = desk.kept.get(baseId(desk)!)!.tokens;
  setBoxClass(desk, addBox(desk, { row: 0, col: 0, height: 1, width: 2 })!.id, 1);
  setBoxClass(desk, addBox(desk, { row: 1, col: 0, height: 1, width: 1 })!.id, undefined);
  setBoxClass(desk, addBox(desk, { row: 7, col: 7, height: 1, width: 1 })!.id, 1);
  state(desk).change({ seed: 3, seedLocked: true });
  expect(repaintWords(desk)).toBe('Repaint 3 boxes');
  await generate(desk);
  const [, cats, fox, ...more] = requests;
  expect(more).toEqual([]);
  expect([cats!.classId, fox!.classId]).toEqual([1, 2]);
  expect([cats!.classOfPosition, fox!.classOfPosition]).toEqual([undefined, undefined]);
  expect(cellsOf(cats!, before)).toEqual({ painted: [0, 1, 63], changed: [] });
  expect(cellsOf(fox!, before)).toEqual({ painted: [8], changed: [0, 1, 63] });
  const { tokens, result } = desk.kept.get(state(desk).staged[0]!)!;
  const expected = (p: number) => ([0, 1, 63].includes(p) ? 31 : before[p]);
  expect([...tokens.keys()].filter((p) => tokens[p] !== expected(p))).toEqual([8]);
  // The box of one cell takes one step; "use its settings" gives what was asked for the larger ones.
  expect(result.settings.steps).toBe(3);
});

test('of the boxes in a window the last one alone is decoded, and of a layout the last part', async () => {
  const { desk, requests } = await withPicture();
  await extendPicture(desk, 'right', 8);
  keepStaged(desk);
  // Two classes in the first window, one in the second.
  setBoxClass(desk, addBox(desk, { row: 1, col: 1, height: 1, width: 1 })!.id, 1);
  setBoxClass(desk, addBox(desk, { row: 1, col: 2, height: 1, width: 1 })!.id, 3);
  setBoxClass(desk, addBox(desk, { row: 6, col: 14, height: 1, width: 1 })!.id, 1);
  requests.length = 0;
  await generate(desk);
  expect(requests.map(({ wantsPicture }) => wantsPicture)).toEqual([false, undefined, undefined]);
  const layout = editingDesk();
  setBoxClass(layout.desk, addBox(layout.desk, { row: 0, col: 0, height: 2, width: 2 })!.id, 1);
  await generate(layout.desk);
  expect(layout.requests.map(({ wantsPicture }) => wantsPicture)).toEqual([false, undefined]);
});

test('marks are painted after the boxes, as the picture itself', async () => {
  const { desk, requests } = await withPicture();
  const free = new Uint8Array(64).with(40, 1);
  setBoxClass(desk, addBox(desk, { row: 0, col: 0, height: 1, width: 2 })!.id, 1);
  state(desk).edit({ free }, 'marking');
  await generate(desk);
  expect(requests.slice(1).map(({ classId, tokens }) => [classId, tokens!.indexOf(MASK)])).toEqual([
    [1, 0],
    [2, 40],
  ]);
});

test('every step shows what is painted so far, and what is to come as open', async () => {
  const { desk } = await withPicture();
  setBoxClass(desk, addBox(desk, { row: 0, col: 0, height: 1, width: 1 })!.id, 1);
  addBox(desk, { row: 0, col: 1, height: 1, width: 1 });
  await generate(desk);
  const { done } = desk.reels.get(state(desk).staged[0]!)!;
  expect(done.map(({ tokens }) => [...tokens.keys()].filter((p) => tokens[p] === MASK))).toEqual([[1], []]);
  expect(done[0]!.logProb[1]).toBeNaN();
});

test('boxes that touch are pasted as one picture, the one that shows them all', async () => {
  const { desk } = await withPicture();
  setBoxClass(desk, addBox(desk, { row: 2, col: 2, height: 2, width: 2 })!.id, 1);
  setBoxClass(desk, addBox(desk, { row: 2, col: 4, height: 2, width: 2 })!.id, 3);
  await generate(desk);
  const id = state(desk).staged[0]!;
  const [pixels, whole] = [pixelsOf(desk, id), (await desk.seat.engine.decode(desk.kept.get(id)!.tokens)).rgba];
  for (let y = 8; y < 16; y++) {
    const row = (y * 32 + 8) * 4;
    expect(pixels.slice(row, row + 16 * 4)).toEqual(whole.slice(row, row + 16 * 4));
  }
});

test('a stop between two boxes paints the rest in one step, and keeps the picture', async () => {
  const { desk, requests } = await withPicture();
  setBoxClass(desk, addBox(desk, { row: 0, col: 0, height: 2, width: 2 })!.id, 1);
  addBox(desk, { row: 4, col: 4, height: 2, width: 2 });
  const engine = desk.seat.engine as { generate: Engine['generate'] };
  const plain = engine.generate;
  engine.generate = async (...asked) => {
    asked[2].throwIfAborted();
    const made = await plain(...asked);
    if (requests.length === 2) stopJob(desk);
    return made;
  };
  await generate(desk);
  expect(requests[2]!.settings.steps).toBe(1);
  expect(state(desk).results[0]).toMatchObject({ stopped: true });
  expect(desk.kept.get(state(desk).staged[0]!)!.tokens.includes(MASK)).toBe(false);
});

test('on a panorama too, window by window: nothing but the boxes changes', async () => {
  const { desk, requests } = await withPicture();
  await extendPicture(desk, 'right', 8);
  keepStaged(desk);
  const before = desk.kept.get(baseId(desk)!)!.tokens;
  setBoxClass(desk, addBox(desk, { row: 1, col: 1, height: 1, width: 1 })!.id, 1);
  setBoxClass(desk, addBox(desk, { row: 1, col: 2, height: 1, width: 1 })!.id, 3);
  setBoxClass(desk, addBox(desk, { row: 6, col: 14, height: 1, width: 1 })!.id, 1);
  requests.length = 0;
  state(desk).change({ seed: 3, seedLocked: true });
  await generate(desk);
  expect(requests.map(({ classId, tokens }) => [classId, tokens!.filter((token) => token === MASK).length])).toEqual([
    [1, 1],
    [3, 1],
    [1, 1],
  ]);
  const { tokens } = desk.kept.get(state(desk).staged[0]!)!;
  expect([...tokens.keys()].filter((p) => tokens[p] !== before[p])).toEqual([17, 18, 110]);
  expect([17, 18, 110].map((p) => tokens[p]! % 10)).toEqual([1, 3, 1]);
});

test('halos of boxes on a photograph go to the later box, but never its inside', async () => {
  const { desk, requests } = editingDesk();
  const photograph = { width: 32, height: 32, rgba: new Uint8ClampedArray(32 * 32 * 4).fill(90) };
  await adoptPicture(desk, await readByModel(desk, photograph));
  setBoxClass(desk, addBox(desk, { row: 0, col: 0, height: 1, width: 1 })!.id, 1);
  setBoxClass(desk, addBox(desk, { row: 0, col: 2, height: 1, width: 1 })!.id, 3);
  await generate(desk);
  const painted = requests.map(({ tokens }) => [...tokens!.keys()].filter((p) => tokens![p] === MASK));
  expect(painted).toEqual([
    [0, 8],
    [1, 2, 3, 9, 10, 11],
  ]);
  // Two cells further than the halo every byte is the photograph's.
  const pixels = pixelsOf(desk, state(desk).staged[0]);
  expect(pixels.slice(32 * 4 * 16).every((byte) => byte === 90)).toBe(true);
});
