import { expect, test } from '@playwright/test';
import { CELL, changedPixels, changedTokens, kept, SIZE, type Kept } from './pictures.ts';
import { StudioPage } from './studio.ts';

test.describe.configure({ timeout: 480_000 });
// Motion would only make the journeys wait.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('a side that is pulled grows by as many cells; pushed back or let go by Esc it stays', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await studio.picture();
  const edge = page.locator('[data-edge="right"]');
  const pull = async (by: number): Promise<void> => {
    const { x, y, width, height } = (await edge.boundingBox())!;
    await page.mouse.move(x + width / 2, y + height / 4);
    await page.mouse.down();
    await page.mouse.move(x + width / 2 + by, y + height / 4, { steps: 4 });
  };
  await pull(14 * 3);
  await expect(page.getByText('+ 3 columns')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(page.getByText('+ 3 columns')).toBeHidden();
  await pull(14 * 3);
  await page.mouse.up();
  await studio.sized(SIZE + 3 * CELL, SIZE);
  const [wide, first] = (await kept(page)) as [Kept, Kept];
  expect(changedPixels(first, wide).filter(([x]) => x < SIZE - CELL)).toEqual([]);
  expect(changedTokens(first, wide)).toEqual([]);
});

test('by keyboard alone: extended upwards, a box on the panorama, kept; only the box and its ring change', async ({
  page,
}) => {
  const studio = await new StudioPage(page).openReady();
  await studio.picture();
  await studio.stage.focus();
  await page.keyboard.press('Shift+ArrowUp');
  await studio.sized(SIZE, 48);
  await page.keyboard.press('Enter');
  await expect(studio.keep).toBeHidden();
  const [tall, first] = (await kept(page)) as [Kept, Kept];
  expect(changedPixels(first, tall, [0, 16]).filter(([, y]) => y >= CELL)).toEqual([]);
  expect(changedTokens(first, tall, [0, 4])).toEqual([]);

  await page.keyboard.press('b');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: /^Box 1, .*column 3 row 5, 4 wide 4 high/ })).toBeFocused();
  await page.keyboard.press('Control+Enter');
  await expect(studio.keep).toBeVisible({ timeout: 120_000 });
  const [boxed] = (await kept(page)) as [Kept];
  const changed = changedPixels(tall, boxed);
  const isNear = (x: number, y: number) => x >= CELL && x < 7 * CELL && y >= 3 * CELL && y < 9 * CELL;
  expect(changed.filter(([x, y]) => !isNear(x, y))).toEqual([]);
  expect(changed.length).toBeGreaterThan(0);
});

test('a large picture: a window of it, a box in that, kept and saved; every other pixel is as it came', async ({
  page,
}) => {
  const studio = await new StudioPage(page).openReady();
  await studio.quality('Fast');
  const buffer = await studio.photograph();
  await page.getByRole('button', { name: 'Your own picture' }).click();
  await page.getByLabel('Picture file').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer });
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
  const rgba = await page.evaluate(
    async (file) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(file)]));
      const ctx = new OffscreenCanvas(300, 200).getContext('2d')!;
      ctx.drawImage(bitmap, 0, 0);
      return [...ctx.getImageData(0, 0, 300, 200).data];
    },
    [...buffer],
  );
  const after = await studio.saved(() => page.getByRole('button', { name: 'Download PNG' }).click());
  expect([after.width, after.height]).toEqual([300, 200]);
  // The window of 64 pixels stands in the middle, a fiftieth of the width to the right.
  const [left, top] = [Math.round(0.52 * 300 - 32), 68];
  const isIn = ([x, y]: [number, number]) => x >= left && y >= top && x < left + 64 && y < top + 64;
  const changed = changedPixels({ width: 300, height: 200, rgba }, after);
  expect(changed.filter((pixel) => !isIn(pixel))).toEqual([]);
  expect(changed.length).toBeGreaterThan(100);

  // Extended, the part becomes a picture of its own, at the photograph's resolution.
  await studio.stage.focus();
  await page.keyboard.press('Shift+ArrowRight');
  await studio.sized(96, 64);
});
