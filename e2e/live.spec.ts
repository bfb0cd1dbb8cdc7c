import { expect, test } from '@playwright/test';
import { LIVE_STEP_MS } from '../src/app/commands/live.ts';
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
  const pictures = await paintUntilQuick(studio);
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
  await expect(studio.frames).toHaveCount(pictures + 1);

  const after = (await kept(page))[0]!.tokens;
  // The box was moved to rows 2 and 3 (counted from 1), columns 3 and 4, of 4 × 4.
  const inside = [6, 7, 10, 11];
  const changed = [...before.keys()].filter((p) => before[p] !== after[p]);
  expect(changed.length).toBeGreaterThan(0);
  expect(changed.every((p) => inside.includes(p))).toBe(true);
});

/** Generate until a picture is painted at the pace that live asks for, which a busy machine has only now and then -> how many it took. */
async function paintUntilQuick({ page, generate, frames }: StudioPage): Promise<number> {
  let pictures = 0;
  await expect
    .poll(
      async () => {
        await generate.click();
        await expect(frames).toHaveCount(++pictures, { timeout: 120_000 });
        const words = await page.getByText(/ · [\d.]+ m?s a step$/).textContent();
        const [, pace, unit] = /([\d.]+) (m?s) a step/.exec(words!)!;
        return Number(pace) * (unit === 's' ? 1000 : 1);
      },
      { timeout: 240_000 },
    )
    .toBeLessThanOrEqual(LIVE_STEP_MS);
  return pictures;
}
