import { expect, test } from '@playwright/test';
import { StudioPage } from './studio.ts';

test('a model that is early is offered with what is not right yet, and paints once somebody chose it', async ({
  page,
}) => {
  test.slow(); // 16 × 16 tokens in software
  const studio = await new StudioPage(page).openReady();
  await expect(page.getByRole('banner')).toContainText('Mini Worlds');
  await page.getByRole('button', { name: /all models/ }).click();
  const early = page.getByRole('list', { name: 'Models' }).getByRole('listitem').filter({ hasText: 'Early: ' });
  await expect(early.getByRole('heading')).toHaveText('Worlds 128 Lite');
  await early.getByRole('button', { name: 'Use Worlds 128 Lite' }).click();
  await expect(page.getByRole('banner')).toContainText('Worlds 128 Liteready', { timeout: 120_000 });
  await studio.quality('Fast');
  await studio.generate.click();
  await studio.sized(128, 128);
  expect(await studio.storedTokens()).toHaveLength(256);
});
