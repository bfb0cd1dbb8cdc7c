// @vitest-environment happy-dom
import { afterEach, expect, test, vi } from 'vitest';
import { growMask } from '../../core/boxes.ts';
import type { Picture } from '../../core/engine.ts';
import { boxMask } from '../../core/mask.ts';
import { sheetOf } from '../store/editing.ts';
import { editingDesk, pixelsOf } from '../testing/editingDesk.ts';
import { addBox, setBoxClass } from './boxes.ts';
import { generate } from './generate.ts';
import { adoptPicture, listenToPictures, readByModel, readPicture } from './importPicture.ts';
import { keepStaged } from './staging.ts';

afterEach(() => vi.unstubAllGlobals());

const grid = { rows: 8, cols: 8 };
const place = { row: 3, col: 3, height: 2, width: 2 };
const photo: Picture = {
  width: 32,
  height: 32,
  rgba: new Uint8ClampedArray(32 * 32 * 4).map((_, i) => (i % 4 === 3 ? 255 : (i * 37) % 251)),
};

async function withPhoto() {
  const made = editingDesk();
  const id = await adoptPicture(made.desk, await readByModel(made.desk, photo));
  return { ...made, id, state: () => made.desk.store.getState() };
}

test('a picture brought in is on the stage, among the pictures, and what is worked on', async () => {
  const { desk, id, state } = await withPhoto();
  expect([state().reelId, sheetOf(state()).baseId, state().results[0]!.id]).toEqual([id, id, id]);
  expect(pixelsOf(desk, id)).toEqual(photo.rgba);
  expect([...desk.kept.get(id)!.tokens]).toEqual(Array.from({ length: 64 }, () => 7));
});

test('a box on it is painted with a halo of one cell, and without a class where it should stay the same', async () => {
  const { desk, requests } = await withPhoto();
  setBoxClass(desk, addBox(desk, place)!.id, undefined);
  await generate(desk);
  const { tokens, classId } = requests[0]!;
  const halo = boxMask(place, grid, 1);
  expect(classId).toBe(-1);
  expect([...tokens!]).toEqual(Array.from(halo, (inside) => (inside === 1 ? -1 : 7)));
});

test('its pixels stay byte for byte beyond the ring, also in an edit of an edit, and it is never encoded again', async () => {
  const { desk, state } = await withPhoto();
  const encode = vi.spyOn(desk.seat.engine, 'encode');
  for (let i = 0; i < 3; i++) {
    addBox(desk, place);
    await generate(desk);
    keepStaged(desk);
  }
  const last = pixelsOf(desk, sheetOf(state()).baseId);
  const reach = growMask(boxMask(place, grid, 1), grid);
  let outside = 0;
  photo.rgba.forEach((byte, i) => {
    const position = Math.floor(i / 4 / 32 / 4) * 8 + Math.floor(((i >> 2) % 32) / 4);
    if (reach[position] === 1) return;
    outside++;
    expect(last[i]).toBe(byte);
  });
  expect(outside).toBeGreaterThan(500);
  expect(encode).not.toHaveBeenCalled();
});

test('a picture of too many pixels is refused by its header, before anybody decodes it', async () => {
  const decode = vi.fn<typeof createImageBitmap>();
  vi.stubGlobal('createImageBitmap', decode);
  const header = [
    0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0x40, 0, 0, 0, 0x40, 0,
  ];
  await expect(readPicture(new Blob([Uint8Array.from(header)]))).rejects.toThrow(
    'This picture has 268 million pixels; up to 64 million can be read here, so make it smaller first.',
  );
  expect(decode).not.toHaveBeenCalled();
});

test('what the browser cannot decode, and a picture without pixels, are refused with a sentence', async () => {
  vi.stubGlobal('createImageBitmap', () => Promise.reject(new Error('InvalidStateError')));
  await expect(readPicture(new Blob(['words']))).rejects.toThrow('not a picture that the browser can read');
  vi.stubGlobal('createImageBitmap', async () => ({ width: 0, height: 5 }));
  await expect(readPicture(new Blob(['words']))).rejects.toThrow('no pixels');
});

test('a camera picture is turned as its camera says', async () => {
  const decode = vi.fn<(bytes: Blob, options: ImageBitmapOptions) => Promise<{ width: number; height: number }>>(
    async () => ({ width: 4, height: 3 }),
  );
  vi.stubGlobal('createImageBitmap', decode);
  await readPicture(new Blob(['x']));
  expect(decode).toHaveBeenCalledWith(expect.anything(), { imageOrientation: 'from-image' });
});

test('a picture may be pasted and dropped; words may be pasted as ever', () => {
  const { desk } = editingDesk();
  const end = listenToPictures(desk);
  const file = new File(['x'], 'a.png', { type: 'image/png' });
  const send = (type: string, data: object) => {
    const event = Object.assign(new Event(type, { cancelable: true, bubbles: true }), data);
    document.dispatchEvent(event);
    return event.defaultPrevented;
  };
  expect(send('paste', { clipboardData: { files: [] } })).toBe(false);
  expect(desk.incoming).toBeUndefined();
  expect(send('paste', { clipboardData: { files: [file] } })).toBe(true);
  expect([desk.incoming, desk.store.getState().dialog]).toEqual([file, 'import']);
  const other = new File(['y'], 'b.png', { type: 'image/png' });
  expect(send('drop', { dataTransfer: { files: [other], types: ['Files'] } })).toBe(true);
  expect(desk.incoming).toBe(other);
  end();
  expect(send('paste', { clipboardData: { files: [file] } })).toBe(false);
});
