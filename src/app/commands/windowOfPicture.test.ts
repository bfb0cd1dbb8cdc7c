import { expect, test } from 'vitest';
import type { Picture } from '../../core/engine.ts';
import { editingDesk, pixelsOf } from '../testing/editingDesk.ts';
import { addBox } from './boxes.ts';
import type { Desk } from './desk.ts';
import { extendPicture } from './extend.ts';
import { generate } from './generate.ts';
import { adoptPicture, readByModel } from './importPicture.ts';
import { exportPng, openResult } from './results.ts';
import { keepStaged } from './staging.ts';

/** A window of 96 × 96 pixels, three times the model's size, at (10, 20) of a picture of 300 × 200. */
const SIDE = 96;
const frame = { left: 10, top: 20, side: SIDE, width: 300, height: 200 };
const noise = (side: number): Picture => ({
  width: side,
  height: side,
  rgba: new Uint8ClampedArray(side * side * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * 37) % 251)),
});
const file = new Blob(['the picture as it came in']);

async function withWindow() {
  const { desk, requests } = editingDesk();
  const exported: { file: Blob; rgba: Uint8ClampedArray }[] = [];
  const watched: Desk = {
    ...desk,
    pasteBack: async (whole, window) => {
      exported.push({ file: whole, rgba: desk.toPixels(window).rgba });
      return new Blob();
    },
  };
  const reading = await readByModel(watched, noise(32));
  const id = await adoptPicture(watched, reading, { picture: noise(SIDE), frame, file });
  return { desk: watched, requests, exported, id, state: () => watched.store.getState() };
}

test('a window keeps its own pixels, and is edited in the tokens that the model read', async () => {
  const { desk, requests, id } = await withWindow();
  expect(pixelsOf(desk, id)).toEqual(noise(SIDE).rgba);
  addBox(desk, { row: 3, col: 3, height: 2, width: 2 });
  await generate(desk);
  expect(requests[0]!.tokens!.filter((token) => token === 7)).toHaveLength(64 - 16);
});

test('what is saved is the whole picture, changed in the box, its halo and its ring only; also an edit of an edit', async () => {
  const { desk, exported, state } = await withWindow();
  for (let i = 0; i < 2; i++) {
    addBox(desk, { row: 3, col: 3, height: 2, width: 2 });
    await generate(desk);
    keepStaged(desk);
  }
  await exportPng(desk, state().results[0]!.id, 'large');
  expect(exported[0]!.file).toBe(file);
  let [inside, outside] = [0, 0];
  const cell = SIDE / 8;
  noise(SIDE).rgba.forEach((byte, i) => {
    const [row, col] = [Math.floor((i >> 2) / SIDE / cell), Math.floor(((i >> 2) % SIDE) / cell)];
    const isNear = row >= 1 && row <= 6 && col >= 1 && col <= 6;
    if (exported[0]!.rgba[i] === byte) return;
    if (isNear) inside++;
    else outside++;
  });
  expect(outside).toBe(0);
  expect(inside).toBeGreaterThan(0);
});

test('after a reload an edit of a window still knows the picture around it', async () => {
  const { desk, state, exported } = await withWindow();
  addBox(desk, { row: 3, col: 3, height: 2, width: 2 });
  await generate(desk);
  const { id } = state().results[0]!;
  desk.reels.clear();
  await openResult(desk, id);
  expect(desk.reels.get(id)!.around?.frame).toEqual(frame);
  await exportPng(desk, id, 'large');
  expect(exported).toHaveLength(1);
});

test('a window is not extended: what lies beside it is there already, and the page says so', async () => {
  const { desk, requests, state } = await withWindow();
  await extendPicture(desk, 'right');
  expect(requests).toHaveLength(0);
  expect(state().notice?.text).toMatch(/part of a larger picture/);
});
