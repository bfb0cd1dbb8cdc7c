import { expect, test } from 'vitest';
import { closeUpOf, maskFromNear } from '../../core/closeUp.ts';
import type { Engine, Picture } from '../../core/engine.ts';
import { MASK } from '../../core/grid.ts';
import { boxMask, type Box } from '../../core/mask.ts';
import type { GenerateRequest } from '../../core/request.ts';
import { sheetOf } from '../store/editing.ts';
import { editingDesk, pixelsOf, smallManifest, withPicture } from '../testing/editingDesk.ts';
import { addBox, setBoxClass } from './boxes.ts';
import { stepsOf } from './paintRun.ts';
import type { Desk } from './desk.ts';
import { boxRun } from './edit.ts';
import { extendPicture } from './extend.ts';
import { generate, stopJob } from './generate.ts';
import { keepStaged } from './staging.ts';

const manifest = { ...smallManifest, closeUp: { below: 6, side: 6 } };
const grid = manifest.config.grid;
const state = (desk: Desk) => desk.store.getState();
const tokensOf = (desk: Desk, id: string | undefined) => desk.kept.get(id ?? '')!.tokens;
const baseTokens = (desk: Desk) => tokensOf(desk, sheetOf(state(desk)).baseId);
const cells = (values: Uint8Array | Int32Array, wanted: number) =>
  [...values.keys()].filter((p) => values[p] === wanted);
const box: Box = { row: 1, col: 4, height: 3, width: 3 };

/** A desk with a picture, whose engine reads a token from the middle of each cell, and what it was shown. */
async function deskWithPicture() {
  const made = await withPicture(manifest);
  const shown: Picture[] = [];
  const engine = made.desk.seat.engine as { encode: Engine['encode'] };
  engine.encode = async (picture) => {
    shown.push(picture);
    return Int32Array.from({ length: 64 }, (_, p) => {
      const [y, x] = [Math.floor(p / 8) * 4 + 2, (p % 8) * 4 + 2];
      return picture.rgba[(y * 32 + x) * 4]!;
    });
  };
  made.requests.length = 0;
  return { ...made, shown };
}

function draw(desk: Desk, where: Box, classId: number | undefined): void {
  setBoxClass(desk, addBox(desk, where)!.id, classId);
}

test('a small box is painted enlarged, and nothing but its cells changes', async () => {
  const { desk, requests, shown } = await deskWithPicture();
  const before = baseTokens(desk);
  draw(desk, box, 1);
  await generate(desk);
  const mask = boxMask(box, grid, 0);
  const near = maskFromNear(mask, grid, closeUpOf(mask, grid, manifest.closeUp)!);
  expect(near.reduce((sum, paint) => sum + paint, 0)).toBe(36);
  expect(requests.map(({ classId, tokens }) => [classId, cells(tokens!, MASK)])).toEqual([[1, cells(near, 1)]]);
  // Shown are the picture from near and, painted, from afar: the second differs from the picture in the box alone.
  expect(shown).toHaveLength(2);
  const decoded = await desk.seat.engine.decode(before);
  for (let pixel = 0; pixel < 32 * 32; pixel++) {
    const isInside = mask[Math.floor(pixel / 32 / 4) * 8 + Math.floor((pixel % 32) / 4)] === 1;
    if (!isInside) expect(shown[1]!.rgba[pixel * 4]).toBe(decoded.rgba[pixel * 4]);
  }
  const id = state(desk).staged[0];
  const after = tokensOf(desk, id);
  expect([...after.keys()].filter((p) => after[p] !== before[p])).toEqual(cells(mask, 1));
  // What is seen is decoded from the tokens that are kept; the steps show those of the close-up.
  const { done } = desk.reels.get(id!)!;
  const seen = done.at(-1)!.near!;
  expect([seen.at, [...seen.mask], [...seen.open]]).toEqual([
    { row: 0.5, col: 3.5, height: 4, width: 4 },
    [...mask],
    [...near],
  ]);
  const [middle] = [((2 * 4 + 2) * 32 + 5 * 4 + 2) * 4];
  expect(pixelsOf(desk, id)[middle]).toBe((await desk.seat.engine.decode(after)).rgba[middle]);
});

const pinAt = (position: number) => new Uint8Array(64).with(position, 1);
const plain: [string, (desk: Desk) => void][] = [
  ['is as large as the model wants it', (desk) => draw(desk, { row: 0, col: 0, height: 2, width: 6 }, 1)],
  ['becomes what the picture is anyway', (desk) => draw(desk, box, undefined)],
  ['has the class of the picture', (desk) => draw(desk, box, 2)],
  ['is cut by a pin', (desk) => (draw(desk, box, 1), state(desk).edit({ pinned: pinAt(2 * 8 + 5) }, 'pinning'))],
  ['is no box but marks', (desk) => state(desk).edit({ free: new Uint8Array(64).fill(1, 9, 12) }, 'marking')],
  ['may not have every token', (desk) => (draw(desk, box, 1), state(desk).edit({ banned: [3] }, 'banning'))],
  ['shall not be', (desk) => (draw(desk, box, 1), state(desk).change({ closeUp: false }))],
];
test.each(plain)('is painted as it is: what %s', async (_, change) => {
  const { desk, requests, shown } = await deskWithPicture();
  const before = baseTokens(desk);
  change(desk);
  await generate(desk);
  expect(shown).toEqual([]);
  expect(requests).toHaveLength(1);
  expect([...before.keys()].filter((p) => ![MASK, before[p]].includes(requests[0]!.tokens![p]))).toEqual([]);
});

test('boxes of one class are painted together and as they are where they touch, and alone where they do not', async () => {
  const { desk, requests } = await deskWithPicture();
  const inside = (request: GenerateRequest) => cells(request.tokens!, MASK).length;
  draw(desk, { row: 0, col: 0, height: 2, width: 2 }, 1);
  draw(desk, { row: 2, col: 2, height: 1, width: 1 }, 1);
  draw(desk, { row: 6, col: 6, height: 2, width: 2 }, 1);
  await generate(desk);
  expect(requests.map(({ classId }) => classId)).toEqual([1, 1]);
  expect(inside(requests[0]!)).toBe(2 * 2 + 1);
  expect(inside(requests[1]!)).toBe(36);
});

test('a box in a corner begins where the picture ends, and a box of one cell takes all its steps', async () => {
  const { desk, requests } = await deskWithPicture();
  state(desk).tune({ steps: 8, corrections: 2 });
  draw(desk, { row: 7, col: 7, height: 1, width: 1 }, 1);
  await generate(desk);
  expect(requests[0]!.settings).toMatchObject({ steps: 8, corrections: 2 });
  expect(cells(requests[0]!.tokens!, MASK)).toContain(63);
  expect(desk.painting!.parts.map(stepsOf)).toEqual([10]);
});

test('several pictures at a time are each painted on what is there, and a layout on its canvas', async () => {
  const { desk, requests } = await deskWithPicture();
  state(desk).setMachine({
    kind: 'ready',
    model: { weightBytes: 0, scratchBytes: 0, loadMs: 0, picturesAtOnce: 4 },
  });
  state(desk).change({ count: 2 });
  draw(desk, box, 1);
  await generate(desk);
  expect(requests).toHaveLength(2);
  expect(state(desk).staged).toHaveLength(2);
  for (const id of state(desk).staged) expect(tokensOf(desk, id).includes(MASK)).toBe(false);
  keepStaged(desk);
  const layout = editingDesk(manifest);
  draw(layout.desk, box, 1);
  await generate(layout.desk);
  expect(layout.requests.map(({ tokens }) => tokens && cells(tokens, MASK).length)).toEqual([undefined, 36]);
  // The fake engine reads 7 everywhere.
  const made = tokensOf(layout.desk, state(layout.desk).staged[0]);
  expect(cells(Int32Array.from(made), 7)).toEqual(cells(boxMask(box, grid, 0), 1));
});

test('the weakest cells of a small box are painted as they are, together', async () => {
  const { desk, requests, shown } = await deskWithPicture();
  draw(desk, box, 1);
  const { id } = sheetOf(state(desk)).boxes[0]!;
  await generate(desk, () => boxRun(desk, id, 0.3));
  expect(shown).toEqual([]);
  expect(requests.map(({ tokens }) => cells(tokens!, MASK).length)).toEqual([3]);
});

test('a box that a window of a panorama cuts is painted as it is', async () => {
  const { desk, requests, shown } = await deskWithPicture();
  for (let i = 0; i < 2; i++) {
    await extendPicture(desk, 'right', 8);
    keepStaged(desk);
  }
  requests.length = 0;
  draw(desk, { row: 2, col: 1, height: 3, width: 20 }, 1);
  await generate(desk);
  expect(requests.length).toBeGreaterThan(1);
  expect(shown).toEqual([]);
  draw(desk, { row: 6, col: 12, height: 2, width: 2 }, 3);
  await generate(desk);
  expect(shown).toHaveLength(2);
});

/** Makes the engine wait before it reads a picture for the nth time, and does something meanwhile. */
function whileReading(desk: Desk, nth: number, meanwhile: () => void): void {
  const engine = desk.seat.engine as { encode: Engine['encode'] };
  const plainly = engine.encode;
  let times = 0;
  engine.encode = async (picture) => {
    if (++times === nth) meanwhile();
    return plainly(picture);
  };
}

test.each([
  ['is only looked at', 1],
  ['is read', 2],
])('a newer press takes over while a small box %s', async (_, nth) => {
  const { desk, requests } = await deskWithPicture();
  const isDone: Promise<void>[] = [];
  draw(desk, box, 1);
  whileReading(desk, nth, () => {
    state(desk).edit({ boxes: [{ ...sheetOf(state(desk)).boxes[0]!, classId: 3 }] }, 'another class');
    isDone.push(generate(desk));
  });
  await generate(desk);
  await Promise.all(isDone);
  expect(requests.map(({ classId }) => classId)).toEqual(nth === 1 ? [3] : [1, 3]);
  expect(state(desk).staged).toHaveLength(1);
  expect(desk.kept.get(state(desk).staged[0]!)!.result.className).toContain('bear');
});

test('a stop while the second box is looked at paints it in one step, as it is, and keeps both', async () => {
  const { desk, requests } = await deskWithPicture();
  draw(desk, { row: 0, col: 0, height: 2, width: 2 }, 1);
  draw(desk, { row: 6, col: 6, height: 2, width: 2 }, 3);
  whileReading(desk, 3, () => stopJob(desk));
  await generate(desk);
  expect(requests.map(({ settings, tokens }) => [settings.steps, cells(tokens!, MASK).length])).toEqual([
    [8, 36],
    [1, 4],
  ]);
  expect(state(desk).staged).toHaveLength(1);
  expect(state(desk).results[0]).toMatchObject({ stopped: true });
});
