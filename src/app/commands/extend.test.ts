import { expect, test } from 'vitest';
import type { Picture } from '../../core/engine.ts';
import { MASK } from '../../core/grid.ts';
import { sheetOf } from '../store/editing.ts';
import { editingDesk, pixelsOf, withPicture } from '../testing/editingDesk.ts';
import { surenessOf } from './base.ts';
import { addBox } from './boxes.ts';
import type { Desk } from './desk.ts';
import { extendPicture, tryAnew } from './extend.ts';
import { generate, stopJob } from './generate.ts';
import { adoptPicture } from './importPicture.ts';
import { openResult } from './results.ts';
import { discardStaged, keepStaged, redoEdit, undoEdit } from './staging.ts';

/** Pixels of a cell, and of a picture of the model's size. */
const CELL = 4;
const SIZE = 32;

const state = (desk: Desk) => desk.store.getState();
const baseId = (desk: Desk) => sheetOf(state(desk)).baseId!;
const stagedId = (desk: Desk) => state(desk).staged[state(desk).stagedAt]!;
const tokensOf = (desk: Desk, id: string) => desk.kept.get(id)!.tokens;

/** Bytes of the picture `before` that differ in `after`, where it lies at (left, top), leaving out what `isNear` says. */
function differing(
  desk: Desk,
  before: string,
  after: string,
  left: number,
  top: number,
  isNear = (_x: number, _y: number) => false,
) {
  const [was, is] = [before, after].map((id) => desk.toPixels(desk.reels.get(id)!.picture!)) as [Picture, Picture];
  let differ = 0;
  for (let y = 0; y < was.height; y++) {
    for (let x = 0; x < was.width; x++) {
      if (isNear(x, y)) continue;
      for (let i = 0; i < 4; i++) {
        const at = (y + top) * is.width + x + left;
        if (was.rgba[(y * was.width + x) * 4 + i] !== is.rgba[at * 4 + i]) differ++;
      }
    }
  }
  return differ;
}

test('a press of Extend paints half a picture more from the half beside it, and leaves the rest byte for byte', async () => {
  const { desk, requests } = await withPicture();
  const first = baseId(desk);
  state(desk).change({ classId: 1 });
  await extendPicture(desk, 'right');
  const { tokens, classId } = requests.at(-1)!;
  const known = tokensOf(desk, first).filter((_, p) => p % 8 >= 4);
  expect([...tokens!].filter((_, p) => p % 8 < 4)).toEqual([...known]);
  expect([...tokens!].filter((_, p) => p % 8 >= 4).every((token) => token === MASK)).toBe(true);
  expect(classId).toBe(1);
  const id = stagedId(desk);
  expect(state(desk).results[0]).toMatchObject({ grid: { rows: 8, cols: 12 }, className: 'fox with cat' });
  expect(tokensOf(desk, id).filter((_, p) => p % 12 < 8)).toEqual(tokensOf(desk, first));
  expect(differing(desk, first, id, 0, 0, (x) => x >= SIZE - CELL)).toBe(0);
  // Nothing of the new part is left blank.
  expect(
    pixelsOf(desk, id)
      .filter((_, i) => i % 4 === 3)
      .every((alpha) => alpha === 255),
  ).toBe(true);
});

test('extending goes on from what is staged, and every step of it can be undone and done again', async () => {
  const { desk } = await withPicture();
  const ids = [baseId(desk)];
  for (const direction of ['right', 'right', 'up'] as const) {
    await extendPicture(desk, direction);
    ids.push(stagedId(desk));
  }
  keepStaged(desk);
  const grids = ids.map((id) => desk.kept.get(id)!.grid);
  expect(grids.map(({ rows, cols }) => [rows, cols])).toEqual([
    [8, 8],
    [8, 12],
    [8, 16],
    [12, 16],
  ]);
  expect(differing(desk, ids[2]!, ids[3]!, 0, 4 * CELL, (_, y) => y < CELL)).toBe(0);
  expect(tokensOf(desk, ids[3]!).slice(4 * 16)).toEqual(tokensOf(desk, ids[2]!));
  for (const id of ids.toReversed()) {
    expect(baseId(desk)).toBe(id);
    undoEdit(desk);
  }
  for (const id of ids.slice(1)) {
    redoEdit(desk);
    expect(baseId(desk)).toBe(id);
  }
  expect(state(desk).results).toHaveLength(4);
});

test('a side longer than a picture is painted in windows, each with a seed of its own', async () => {
  const { desk, requests } = await withPicture();
  await extendPicture(desk, 'right');
  await extendPicture(desk, 'down');
  const [one, two] = requests.slice(-2);
  expect(two!.seed).not.toBe(one!.seed);
  // The second window knows what the first one painted in the half that they share.
  expect(two!.tokens!.filter((token) => token === MASK)).toHaveLength(16);
  expect(tokensOf(desk, stagedId(desk)).includes(MASK)).toBe(false);
  expect(state(desk).results[0]).toMatchObject({ grid: { rows: 12, cols: 12 }, steps: 2 });
});

test('another try extends the same picture again; a discarded one leaves it as it was', async () => {
  const { desk } = await withPicture();
  const first = baseId(desk);
  await extendPicture(desk, 'left');
  await tryAnew(desk);
  expect(state(desk).staged).toHaveLength(2);
  expect(tokensOf(desk, stagedId(desk))).toHaveLength(96);
  discardStaged(desk);
  discardStaged(desk);
  expect(baseId(desk)).toBe(first);
  expect(state(desk).results).toHaveLength(3);
});

test('a stop between windows finishes the strip quickly instead of leaving a hole', async () => {
  const { desk, requests } = await withPicture();
  await extendPicture(desk, 'right');
  const { generate: paint } = desk.seat.engine;
  desk.seat.engine.generate = async (request, onStep, stop) => {
    const made = await paint(request, onStep, stop);
    stopJob(desk);
    return { ...made, stopped: stop.aborted };
  };
  await extendPicture(desk, 'down');
  expect(requests.at(-1)!.settings.steps).toBe(1);
  expect(state(desk).results[0]).toMatchObject({ stopped: true, grid: { rows: 12, cols: 12 } });
  expect(tokensOf(desk, stagedId(desk)).includes(MASK)).toBe(false);
});

test('a box on a panorama is painted in the window around it', async () => {
  const { desk, requests } = await withPicture();
  await extendPicture(desk, 'right');
  await extendPicture(desk, 'right');
  keepStaged(desk);
  const wide = baseId(desk);
  addBox(desk, { row: 3, col: 12, height: 2, width: 3 });
  await generate(desk);
  expect(requests.at(-1)!.tokens).toHaveLength(64);
  const isNear = (x: number, y: number) => x >= 11 * CELL && y >= 2 * CELL && y < 6 * CELL;
  expect(differing(desk, wide, stagedId(desk), 0, 0, isNear)).toBe(0);
  const changed = tokensOf(desk, stagedId(desk)).filter((token, p) => token !== tokensOf(desk, wide)[p]);
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.length).toBeLessThanOrEqual(6);
});

test('boxes of a panorama do not go along to a smaller picture, and come back with it', async () => {
  const { desk } = await withPicture();
  const first = baseId(desk);
  await extendPicture(desk, 'right');
  keepStaged(desk);
  addBox(desk, { row: 3, col: 9, height: 2, width: 3 });
  await openResult(desk, first);
  expect(sheetOf(state(desk))).toMatchObject({ baseId: first, boxes: [] });
  undoEdit(desk);
  expect(sheetOf(state(desk)).boxes).toHaveLength(1);
});

test('a photograph is extended too: its tokens stay, and its pixels beyond the ring', async () => {
  const { desk } = await withPicture();
  const rgba = new Uint8ClampedArray(SIZE * SIZE * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * 37) % 256));
  const picture = { width: SIZE, height: SIZE, rgba };
  const tokens = new Int32Array(64).fill(7);
  const photo = await adoptPicture(desk, { picture, tokens, seen: picture });
  await extendPicture(desk, 'up');
  expect(tokensOf(desk, stagedId(desk)).slice(32)).toEqual(tokens);
  expect(differing(desk, photo, stagedId(desk), 0, 16, (_, y) => y < CELL)).toBe(0);
  expect(differing(desk, photo, stagedId(desk), 0, 16)).toBeGreaterThan(0);
});

test('how sure the model was stays with each token when the picture grows', async () => {
  const { desk } = await withPicture();
  const before = await surenessOf(desk, baseId(desk));
  await extendPicture(desk, 'left');
  const after = await surenessOf(desk, stagedId(desk));
  expect(after.filter((_, p) => p % 12 >= 4)).toEqual(before);
});

test('what cannot be extended is told, and nothing runs', async () => {
  const { desk, requests } = editingDesk();
  await extendPicture(desk, 'right');
  expect(state(desk).notice?.text).toMatch(/no picture to extend/);
  await generate(desk);
  for (let i = 0; i < 14; i++) await extendPicture(desk, 'right');
  const runs = requests.length;
  expect(tokensOf(desk, stagedId(desk))).toHaveLength(8 * 64);
  await extendPicture(desk, 'right');
  expect(state(desk).notice?.text).toMatch(/as large as can be painted/);
  expect(requests).toHaveLength(runs);
});
