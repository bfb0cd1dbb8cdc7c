import { expect, type Page } from '@playwright/test';

/** The mini model: cells a side, pixels a cell, pixels a side. */
export const GRID = 8;
export const CELL = 4;
export const SIZE = GRID * CELL;

/** A kept picture, as the browser's storage holds it. */
export interface Kept {
  readonly id: string;
  readonly cols: number;
  readonly tokens: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly rgba: readonly number[];
  /** Classes of the boxes that it was painted in. */
  readonly classes: readonly (number | undefined)[];
}

/** Every kept picture, the newest first: tokens and pixels. */
export function kept(page: Page): Promise<Kept[]> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const open = indexedDB.open('unmask');
      open.onsuccess = () => resolve(open.result);
      open.onerror = () => reject(open.error);
    });
    type Stored = {
      id: string;
      tokens: Int32Array;
      grid: { cols: number };
      png: Blob;
      result: { createdAtMs: number; origin?: { boxes?: { classId?: number }[] } };
    };
    const rows = await new Promise<Stored[]>((resolve, reject) => {
      const all = database.transaction('results').objectStore('results').getAll();
      all.onsuccess = () => resolve(all.result as Stored[]);
      all.onerror = () => reject(all.error);
    });
    database.close();
    const newest = rows.toSorted((a, b) => b.result.createdAtMs - a.result.createdAtMs);
    return Promise.all(
      newest.map(async ({ id, tokens, grid, png, result }) => {
        const bitmap = await createImageBitmap(png);
        const { width, height } = bitmap;
        const ctx = new OffscreenCanvas(width, height).getContext('2d')!;
        ctx.drawImage(bitmap, 0, 0);
        const { data } = ctx.getImageData(0, 0, width, height);
        const classes = (result.origin?.boxes ?? []).map(({ classId }) => classId);
        return { id, cols: grid.cols, tokens: [...tokens], width, height, rgba: [...data], classes };
      }),
    );
  });
}

/** Pixels of `before`, as [x, y], that are others in `after`, where it lies at (left, top). */
export function changedPixels(
  before: Pick<Kept, 'width' | 'height' | 'rgba'>,
  after: Pick<Kept, 'width' | 'rgba'>,
  [left, top]: readonly [number, number] = [0, 0],
): [number, number][] {
  const changed: [number, number][] = [];
  for (let y = 0; y < before.height; y++) {
    for (let x = 0; x < before.width; x++) {
      const [a, b] = [(y * before.width + x) * 4, ((y + top) * after.width + x + left) * 4];
      if ([0, 1, 2, 3].some((i) => before.rgba[a + i] !== after.rgba[b + i])) changed.push([x, y]);
    }
  }
  return changed;
}

/** Tokens of `before`, as [col, row], that are others in `after`, where it lies `cols` to the right and `rows` down. */
export function changedTokens(
  before: Kept,
  after: Kept,
  [cols, rows]: readonly [number, number] = [0, 0],
): [number, number][] {
  return before.tokens.flatMap((token, p): [number, number][] => {
    const [col, row] = [p % before.cols, Math.floor(p / before.cols)];
    return after.tokens[(row + rows) * after.cols + col + cols] === token ? [] : [[col, row]];
  });
}

/** A box in cells: from a corner to the one across, the second not included. */
export interface Box {
  readonly col: number;
  readonly row: number;
  readonly width: number;
  readonly height: number;
}

/** Whether a cell lies in one of the boxes, or within `reach` cells of one. */
export function isNear(boxes: readonly Box[], col: number, row: number, reach: number): boolean {
  return boxes.some(
    (box) =>
      col >= box.col - reach &&
      col < box.col + box.width + reach &&
      row >= box.row - reach &&
      row < box.row + box.height + reach,
  );
}

/** Outside boxes and their ring of `reach` cells no byte differs, beyond their halo no token; inside, both do. */
export function expectOnlyInside(before: Kept, after: Kept, boxes: readonly Box[], reach = 1, halo = 0): void {
  const pixels = changedPixels(before, after);
  const tokens = changedTokens(before, after);
  const cell = (at: number): number => Math.floor(at / CELL);
  expect(pixels.filter(([x, y]) => !isNear(boxes, cell(x), cell(y), reach))).toEqual([]);
  expect(tokens.filter(([col, row]) => !isNear(boxes, col, row, halo))).toEqual([]);
  expect(pixels.length).toBeGreaterThan(0);
  expect(tokens.length).toBeGreaterThan(0);
}
