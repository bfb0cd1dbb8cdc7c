import { readFile } from 'node:fs/promises';
import { expect, test, type Page } from '@playwright/test';
import { StudioPage } from './studio.ts';

/** The mini model: 8 × 8 cells of 4 pixels; one cell beside a seam may blend. */
const CELL = 4;
const SIZE = 32;

interface Kept {
  readonly id: string;
  readonly cols: number;
  readonly tokens: readonly number[];
  readonly width: number;
  readonly height: number;
  readonly rgba: readonly number[];
}

/** Every kept picture, the newest first, as the browser's storage holds it. */
function kept(page: Page): Promise<Kept[]> {
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
      result: { createdAtMs: number };
    };
    const rows = await new Promise<Stored[]>((resolve, reject) => {
      const all = database.transaction('results').objectStore('results').getAll();
      all.onsuccess = () => resolve(all.result as Stored[]);
      all.onerror = () => reject(all.error);
    });
    database.close();
    const newest = rows.toSorted((a, b) => b.result.createdAtMs - a.result.createdAtMs);
    return Promise.all(
      newest.map(async ({ id, tokens, grid, png }) => {
        const bitmap = await createImageBitmap(png);
        const { width, height } = bitmap;
        const ctx = new OffscreenCanvas(width, height).getContext('2d')!;
        ctx.drawImage(bitmap, 0, 0);
        const { data } = ctx.getImageData(0, 0, width, height);
        return { id, cols: grid.cols, tokens: [...tokens], width, height, rgba: [...data] };
      }),
    );
  });
}

/** Pixels of `before` that are others in `after`, where it lies at (left, top); those that `isNear` names are left out. */
function changed(
  before: Kept,
  after: Kept,
  [left, top]: readonly [number, number],
  isNear: (x: number, y: number) => boolean,
) {
  let count = 0;
  for (let y = 0; y < before.height; y++) {
    for (let x = 0; x < before.width; x++) {
      const [a, b] = [(y * before.width + x) * 4, ((y + top) * after.width + x + left) * 4];
      if (!isNear(x, y) && [0, 1, 2, 3].some((i) => before.rgba[a + i] !== after.rgba[b + i])) count++;
    }
  }
  return count;
}

/** Tokens of `before` that are others in `after`, where it lies `rows` down and `cols` to the right. */
function changedTokens(before: Kept, after: Kept, rows: number, cols: number): number {
  return before.tokens.filter((token, p) => {
    const [row, col] = [Math.floor(p / before.cols) + rows, (p % before.cols) + cols];
    return after.tokens[row * after.cols + col] !== token;
  }).length;
}

class OutpaintPage extends StudioPage {
  readonly keep = this.page.getByRole('button', { name: 'Keep', exact: true });

  side(label: string) {
    return this.page.getByRole('group', { name: 'Extend the picture' }).getByRole('button', { name: label });
  }

  async sized(width: number, height: number): Promise<void> {
    await this.said(new RegExp(`${width} by ${height} pixels, finished`));
  }

  async picture(): Promise<void> {
    await this.quality('Fast');
    await this.generate.click();
    await expect(this.frames).toHaveCount(1, { timeout: 120_000 });
    await this.sized(SIZE, SIZE);
  }

  /** The saved file, as it is on the disk: its size and its pixels. */
  async saved(): Promise<{ width: number; height: number; rgba: number[] }> {
    const download = this.page.waitForEvent('download');
    await this.page.getByRole('button', { name: 'Download PNG' }).click();
    const bytes = [...(await readFile(await (await download).path()))];
    return this.page.evaluate(async (file) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(file)], { type: 'image/png' }));
      const { width, height } = bitmap;
      const ctx = new OffscreenCanvas(width, height).getContext('2d')!;
      ctx.drawImage(bitmap, 0, 0);
      return { width, height, rgba: [...ctx.getImageData(0, 0, width, height).data] };
    }, bytes);
  }
}

test.describe.configure({ timeout: 480_000 });
// Motion would only make the journeys wait.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('by mouse: a picture, extended right twice, undone all the way back, done again, and saved whole', async ({
  page,
}) => {
  const studio = new OutpaintPage(page);
  await studio.openReady();
  await studio.picture();
  await studio.side('Extend right').click();
  await studio.sized(48, SIZE);
  await studio.side('Extend right').click();
  await studio.sized(64, SIZE);
  await studio.keep.click();
  await expect(studio.keep).toBeHidden();

  const [two, one, first] = (await kept(page)) as [Kept, Kept, Kept];
  expect([two.tokens.length, one.tokens.length, first.tokens.length]).toEqual([128, 96, 64]);
  for (const [before, after] of [
    [first, one],
    [one, two],
  ] as const) {
    expect(changed(before, after, [0, 0], (x) => x >= before.width - CELL)).toBe(0);
    expect(changedTokens(before, after, 0, 0)).toBe(0);
  }
  const stageSize = (width: number) => studio.sized(width, SIZE);
  for (const width of [48, SIZE]) {
    await page.keyboard.press('Control+z');
    await stageSize(width);
  }
  for (const width of [48, 64]) {
    await page.keyboard.press('Control+Shift+z');
    await stageSize(width);
  }
  expect(await kept(page)).toEqual([two, one, first]);

  const file = await studio.saved();
  const factor = file.width / two.width;
  expect([factor, file.height]).toEqual([16, SIZE * 16]);
  const corner = (x: number, y: number) => file.rgba.slice((y * factor * file.width + x * factor) * 4).slice(0, 4);
  for (const [x, y] of [
    [0, 0],
    [33, 5],
    [63, 31],
  ] as const) {
    expect(corner(x, y)).toEqual(two.rgba.slice((y * 64 + x) * 4).slice(0, 4));
  }
});

test('by keyboard alone: extended upwards, a box on the panorama, kept; only the box and its ring change', async ({
  page,
}) => {
  const studio = new OutpaintPage(page);
  await studio.openReady();
  await studio.picture();
  await studio.stage.focus();
  await page.keyboard.press('Shift+ArrowUp');
  await studio.sized(SIZE, 48);
  await page.keyboard.press('Enter');
  await expect(studio.keep).toBeHidden();
  const [tall, first] = (await kept(page)) as [Kept, Kept];
  expect(changed(first, tall, [0, 16], (_, y) => y < CELL)).toBe(0);
  expect(changedTokens(first, tall, 4, 0)).toBe(0);

  await page.keyboard.press('b');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Box 1, .*column 3 row 5, 4 wide 4 high/ })).toBeFocused();
  await page.keyboard.press('Control+Enter');
  await expect(studio.keep).toBeVisible({ timeout: 120_000 });
  const [boxed] = (await kept(page)) as [Kept];
  const isNear = (x: number, y: number) => x >= CELL && x < 7 * CELL && y >= 3 * CELL && y < 9 * CELL;
  expect(changed(tall, boxed, [0, 0], isNear)).toBe(0);
  expect(changed(tall, boxed, [0, 0], () => false)).toBeGreaterThan(0);
});

/** A photograph of 300 × 200 pixels, every one of another colour than its neighbours. */
function photograph(page: Page): Promise<number[]> {
  return page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    const ctx = canvas.getContext('2d')!;
    const image = ctx.createImageData(300, 200);
    image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : (i * 37) % 251));
    ctx.putImageData(image, 0, 0);
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
}

test('a large picture: a window of it, a box in that, kept and saved; every other pixel is as it came', async ({
  page,
}) => {
  const studio = new OutpaintPage(page);
  await studio.openReady();
  await studio.quality('Fast');
  const png = await photograph(page);
  await page.getByRole('button', { name: 'Your own picture' }).click();
  await page
    .getByLabel('Picture file')
    .setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(png) });
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('radio', { name: 'A window of the whole' }).check({ force: true });
  const window = dialog.getByRole('slider', { name: 'Window' });
  await window.focus();
  for (let times = 6; times > 2; times--) await page.keyboard.press('ArrowLeft');
  await expect(window).toHaveAttribute('aria-valuetext', '64 by 64 pixels');
  await dialog.getByRole('button', { name: /arrow keys move it/ }).focus();
  await page.keyboard.press('ArrowRight');
  const use = dialog.getByRole('button', { name: 'Use this picture' });
  await expect(use).toBeEnabled({ timeout: 120_000 });
  await use.click();
  await studio.said(/a part of 64 by 64 pixels, finished/);

  await studio.stage.focus();
  await page.keyboard.press('b');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Control+Enter');
  await expect(studio.keep).toBeVisible({ timeout: 120_000 });
  await studio.keep.click();
  const [before] = await page.evaluate(async (file) => {
    const bitmap = await createImageBitmap(new Blob([Uint8Array.from(file)]));
    const ctx = new OffscreenCanvas(300, 200).getContext('2d')!;
    ctx.drawImage(bitmap, 0, 0);
    return [[...ctx.getImageData(0, 0, 300, 200).data]];
  }, png);
  const after = await studio.saved();
  expect([after.width, after.height]).toEqual([300, 200]);
  // The window of 64 pixels stands in the middle, a fiftieth of the width to the right.
  const [left, top] = [Math.round(0.52 * 300 - 32), 68];
  const isIn = (pixel: number) => {
    const [x, y] = [(pixel % 300) - left, Math.floor(pixel / 300) - top];
    return x >= 0 && y >= 0 && x < 64 && y < 64;
  };
  const differing = Array.from({ length: 300 * 200 }, (_, pixel) => pixel).filter((pixel) =>
    [0, 1, 2, 3].some((i) => before![pixel * 4 + i] !== after.rgba[pixel * 4 + i]),
  );
  expect(differing.filter((pixel) => !isIn(pixel))).toEqual([]);
  expect(differing.length).toBeGreaterThan(100);
});
