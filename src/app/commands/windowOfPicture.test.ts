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

test('a window that is extended becomes a picture of its own, at its own resolution, and stays as it was up to the ring', async () => {
  const { desk, requests, exported, id, state } = await withWindow();
  await extendPicture(desk, 'right', 3);
  expect(requests).toHaveLength(1);
  const [wide] = state().results;
  expect(wide).toMatchObject({ pixels: [(11 * SIDE) / 8, SIDE], grid: { rows: 8, cols: 11 } });
  expect(wide!.frame).toBeUndefined();
  const [before, after] = [pixelsOf(desk, id), pixelsOf(desk, wide!.id)];
  const width = (11 * SIDE) / 8;
  // The ring is one cell of the window's pixels.
  const kept = SIDE - SIDE / 8;
  for (let y = 0; y < SIDE; y++) {
    const row = after.slice(y * width * 4, (y * width + kept) * 4);
    expect(row).toEqual(before.slice(y * SIDE * 4, (y * SIDE + kept) * 4));
  }
  await exportPng(desk, wide!.id, 'large');
  expect(exported).toHaveLength(0);
});
