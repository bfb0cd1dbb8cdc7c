import { expect, test } from '@playwright/test';
import { kept } from './pictures.ts';
import { StudioPage } from './studio.ts';
import { bringToys } from './toys.ts';

test('a box that is dragged over a picture of a quick model is painted live, and staged where it is let go', async ({
  page,
}) => {
  test.slow(); // a model is brought in first: one that software paints within the pace of a hand
  const studio = await new StudioPage(page).open();
  await bringToys(page);
  await studio.quality('Fast');
  // The first run after a start still warms up; the pace that counts is the last one's.
  for (const pictures of [1, 2]) {
    await studio.generate.click();
    await expect(studio.frames).toHaveCount(pictures, { timeout: 120_000 });
  }
  const before = (await kept(page))[0]!.tokens;

  const { mouse } = page;
  const at = async (col: number, row: number) => studio.at(col, row, 4);
  await page.getByRole('button', { name: /^Draw a box to repaint/ }).click();
  await mouse.move(...(await at(0.3, 0.3)));
  await mouse.down();
  await mouse.move(...(await at(1.7, 1.7)));
  await mouse.up();
  await page.getByRole('switch', { name: /^Live/ }).check();
  await expect(page.getByText('In few steps; Repaint takes all of them.')).toBeVisible();

  await mouse.move(...(await at(1, 1)));
  await mouse.down();
  await mouse.move(...(await at(2, 1)));
  await mouse.move(...(await at(3, 2)));
  await expect(page.locator('img[data-live]')).toBeVisible({ timeout: 30_000 });
  await mouse.up();
  await studio.staged();
  await expect(page.locator('img[data-live]')).toBeHidden();
  await studio.keep.click();
  await expect(studio.frames).toHaveCount(3);

  const after = (await kept(page))[0]!.tokens;
  // The box was moved to rows 2 and 3 (counted from 1), columns 3 and 4, of 4 × 4.
  const inside = [6, 7, 10, 11];
  const changed = [...before.keys()].filter((p) => before[p] !== after[p]);
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.every((p) => inside.includes(p))).toBe(true);
});
