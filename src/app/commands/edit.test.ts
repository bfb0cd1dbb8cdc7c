import { expect, test } from 'vitest';
import { boxMask } from '../../core/mask.ts';
import { growMask } from '../../core/boxes.ts';
import { sheetOf } from '../store/editing.ts';
import { editingDesk, pixelsOf, withPicture } from '../testing/editingDesk.ts';
import { addBox, removeBox, setBoxClass } from './boxes.ts';
import type { Desk } from './desk.ts';
import { generate } from './generate.ts';
import { markAtRandom, markWeakest } from './masks.ts';
import { deleteResult, openResult } from './results.ts';
import { discardStaged, keepStaged, redoEdit, repaintWords, undoEdit, walkStaged } from './staging.ts';

const grid = { rows: 8, cols: 8 };
const place = { row: 2, col: 3, height: 2, width: 3 };

const state = (desk: Desk) => desk.store.getState();
const baseId = (desk: Desk) => sheetOf(state(desk)).baseId;

test('Generate with a box paints only that box, as its class, and stages the result', async () => {
  const { desk, requests } = await withPicture();
  const before = desk.kept.get(baseId(desk)!)!.tokens;
  const box = addBox(desk, place)!;
  setBoxClass(desk, box.id, 1);
  expect(repaintWords(desk)).toBe('Repaint as cat');
  await generate(desk);
  const mask = boxMask(place, grid, 0);
  const request = requests.at(-1)!;
  expect(request.classId).toBe(1);
  expect(request.classOfPosition).toBeUndefined();
  expect([...request.tokens!]).toEqual([...before].map((token, p) => (mask[p] === 1 ? -1 : token)));
  expect(state(desk).staged).toHaveLength(1);
  expect(state(desk).results[0]!.className).toBe('fox with cat');
});

test('no byte outside the repainted cells and their ring differs from the picture before, over ten kept edits', async () => {
  const { desk } = await withPicture();
  const first = pixelsOf(desk, baseId(desk)).slice();
  const touched = new Set<number>();
  for (let i = 0; i < 10; i++) {
    const part = { row: i % 3, col: i % 4, height: 2, width: 2 };
    growMask(boxMask(part, grid, 0), grid).forEach((inside, p) => inside && touched.add(p));
    const before = pixelsOf(desk, baseId(desk));
    addBox(desk, part);
    await generate(desk);
    expect(pixelsOf(desk, state(desk).staged[0])).not.toEqual(before);
    keepStaged(desk);
  }
  const last = pixelsOf(desk, baseId(desk));
  let outside = 0;
  first.forEach((byte, i) => {
    const position = Math.floor(i / 4 / 32 / 4) * 8 + Math.floor(((i >> 2) % 32) / 4);
    if (touched.has(position)) return;
    outside++;
    expect(last[i]).toBe(byte);
  });
  expect(outside).toBeGreaterThan(1000);
});

test('a layout of boxes on a blank canvas paints the canvas as the main class, and then each box over it as its own', async () => {
  const { desk, requests } = editingDesk();
  state(desk).change({ classId: 4 });
  const other = { row: 6, col: 0, height: 1, width: 2 };
  setBoxClass(desk, addBox(desk, place)!.id, 0);
  setBoxClass(desk, addBox(desk, other)!.id, 1);
  setBoxClass(desk, addBox(desk, { row: 0, col: 7, height: 1, width: 1 })!.id, undefined);
  expect(repaintWords(desk)).toBe('Paint this layout');
  await generate(desk);
  const [canvas, ...over] = requests;
  expect(canvas!.tokens).toBeUndefined();
  expect(canvas!.classId).toBe(4);
  expect(over.map(({ classId }) => classId)).toEqual([0, 1]); // a box of the main class is part of the canvas
  const masks = [place, other].map((box) => boxMask(box, grid, 0));
  over.forEach(({ tokens }, i) => {
    expect(tokens!.map((token) => (token === -1 ? 1 : 0))).toEqual(Int32Array.from(masks[i]!));
  });
  const made = desk.kept.get(state(desk).results[0]!.id)!;
  expect(made.tokens).not.toContain(-1);
  expect(state(desk).results[0]!.className).toBe('empty with dog and cat');
});

test('boxes and classes stay for another try, and the tries are walked one by one', async () => {
  const { desk } = await withPicture();
  const picture = baseId(desk);
  addBox(desk, place);
  await generate(desk);
  await generate(desk);
  const { staged } = state(desk);
  expect(staged).toHaveLength(2);
  expect(sheetOf(state(desk)).boxes).toHaveLength(1);
  walkStaged(desk, -1);
  await settled();
  expect(state(desk).reelId).toBe(staged[0]);
  walkStaged(desk, -1);
  await settled();
  expect(state(desk).reelId).toBe(picture);
});

test('Discard takes a result from the stage and leaves it among the pictures', async () => {
  const { desk } = await withPicture();
  const picture = baseId(desk);
  addBox(desk, place);
  await generate(desk);
  expect(discardStaged(desk)).toBe(true);
  await settled();
  expect(state(desk).reelId).toBe(picture);
  expect(state(desk).results).toHaveLength(2);
  expect(discardStaged(desk)).toBe(false);
});

test('Keep makes the result the picture; undo goes all the way back and redo all the way on', async () => {
  const { desk } = await withPicture();
  const picture = baseId(desk);
  addBox(desk, place);
  await generate(desk);
  const result = state(desk).staged[0];
  keepStaged(desk);
  expect(baseId(desk)).toBe(result);
  expect(sheetOf(state(desk)).boxes).toHaveLength(0);
  undoEdit(desk);
  await settled();
  expect([baseId(desk), state(desk).reelId]).toEqual([picture, picture]);
  expect(sheetOf(state(desk)).boxes).toHaveLength(1);
  while (undoEdit(desk)) await settled();
  expect(sheetOf(state(desk)).boxes).toHaveLength(0);
  while (redoEdit(desk)) await settled();
  expect([baseId(desk), state(desk).reelId]).toEqual([result, result]);
});

test('drawing on a staged result keeps it first', async () => {
  const { desk } = await withPicture();
  addBox(desk, place);
  await generate(desk);
  const result = state(desk).staged[0];
  addBox(desk, { row: 0, col: 0, height: 1, width: 1 });
  expect(baseId(desk)).toBe(result);
  expect(sheetOf(state(desk)).boxes).toHaveLength(1);
});

test('opening another picture of the filmstrip moves the boxes there', async () => {
  const { desk } = await withPicture();
  const first = baseId(desk)!;
  await generate(desk);
  addBox(desk, place);
  await openResult(desk, first);
  expect(baseId(desk)).toBe(first);
  expect(sheetOf(state(desk)).boxes).toHaveLength(1);
});

test('the weakest marks are those the model was least sure of, also after an edit', async () => {
  const { desk } = await withPicture();
  await markWeakest(desk, 0.25);
  const marks = sheetOf(state(desk)).free!;
  expect([...marks.keys()].filter((p) => marks[p] === 1)).toEqual(Array.from({ length: 16 }, (_, i) => 48 + i));
  expect(repaintWords(desk)).toBe('Repaint 16 cells');
});

test('marks by chance have the asked share', async () => {
  const { desk } = await withPicture();
  markAtRandom(desk, 0.5);
  expect(sheetOf(state(desk)).free!.reduce((sum, one) => sum + one, 0)).toBe(32);
});

test('a ninth box is refused with a sentence', async () => {
  const { desk } = await withPicture();
  for (let i = 0; i < 8; i++) addBox(desk, { row: i, col: 0, height: 1, width: 1 });
  expect(addBox(desk, place)).toBeUndefined();
  expect(state(desk).notice?.text).toContain('8 boxes');
});

test('a result that is deleted is no longer one to decide on', async () => {
  const { desk } = await withPicture();
  addBox(desk, place);
  await generate(desk);
  await generate(desk);
  const [first, second] = state(desk).staged;
  await deleteResult(desk, second!);
  await settled();
  expect(state(desk).staged).toEqual([first]);
});

test('removing the last box makes Generate paint a new picture again', async () => {
  const { desk } = await withPicture();
  const box = addBox(desk, place)!;
  removeBox(desk, box.id);
  expect(repaintWords(desk)).toBeUndefined();
});

/** Let the stage follow: it loads pictures asynchronously. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
