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
  expect(await studio.storedTokens()).toHaveLength(256);
});
