import { expect, test } from '@playwright/test';
import { StudioPage } from './studio.ts';

test('without a graphics card the page takes the quickest model, says why, and paints with the other once somebody chose it', async ({
  page,
}) => {
  test.slow(); // 16 × 16 tokens in software
  const studio = await new StudioPage(page).openReady();
  await expect(page.getByRole('banner')).toContainText('Mini Worlds');
  await page.getByRole('button', { name: /all models/ }).click();
  const models = page.getByRole('list', { name: 'Models' }).getByRole('listitem');
  await expect(models.filter({ hasText: 'no graphics card is in use here' }).getByRole('heading')).toHaveText(
    'Mini Worlds',
  );
  await models.getByRole('button', { name: 'Use Worlds 128 Lite' }).click();
  await expect(page.getByRole('banner')).toContainText('Worlds 128 Liteready', { timeout: 120_000 });
  await studio.quality('Fast');
  await studio.generate.click();
  await studio.sized(128, 128);
  const before = await studio.storedTokens();
  expect(before).toHaveLength(256);
  // A box that is small for this model is painted enlarged; around it nothing changes.
  await page.getByRole('button', { name: /^Draw a box to repaint/ }).click();
  await page.mouse.move(...(await studio.at(1.3, 2.3, 16)));
  await page.mouse.down();
  await page.mouse.move(...(await studio.at(4, 4, 16)));
  await page.mouse.move(...(await studio.at(5.7, 6.7, 16)));
  await page.mouse.up();
  await page.locator('[data-chip="1"]').click();
  await page.getByRole('searchbox', { name: 'Search a class' }).fill('sun');
  await page.getByRole('dialog').getByRole('option', { name: 'sun', exact: true }).click();
  await studio.repaint.click();
  await studio.staged();
  const after = await studio.storedTokens();
  const changed = [...after.keys()].filter((p) => after[p] !== before[p]);
  const isInside = (p: number): boolean => p % 16 >= 1 && p % 16 < 6 && p >= 2 * 16 && p < 7 * 16;
  expect(changed.filter((p) => !isInside(p))).toEqual([]);
  expect(changed.length).toBeGreaterThan(12);
});
