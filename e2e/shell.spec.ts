import { expect, test } from '@playwright/test';
import { StudioPage } from './studio.ts';

const sizes = { desktop: { width: 1280, height: 800 }, phone: { width: 360, height: 740 } };

/**
 * The layout, in two sizes and two schemes, without letters and pictures. After a change that is meant:
 * `npx playwright test shell --update-snapshots`, and look at e2e/screenshots.
 */
for (const [device, viewport] of Object.entries(sizes)) {
  for (const colorScheme of ['dark', 'light'] as const) {
    test.describe(`${device}, ${colorScheme}`, () => {
      test.use({ viewport, colorScheme, contextOptions: { reducedMotion: 'reduce' } });

      test('the page looks as it did', async ({ page }) => {
        const studio = await new StudioPage(page).openReady();
        await page.getByRole('region', { name: 'About this device' }).getByRole('button').click();
        const pictures = [studio.stage, page.locator('[style*="background-image"]')];
        await expect(page).toHaveScreenshot(`${device}-${colorScheme}.png`, { mask: pictures, animations: 'disabled' });
      });
    });
  }
}

test('the words in the markup stand where the app puts them: nothing jumps when it starts', async ({ page }) => {
  await page.addInitScript(() => {
    const shift = { total: 0 };
    Object.assign(window, { shift });
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) shift.total += (entry as PerformanceEntry & { value: number }).value;
    }).observe({ type: 'layout-shift', buffered: true });
  });
  await new StudioPage(page).openReady();
  const { total } = await page.evaluate(() => (window as unknown as { shift: { total: number } }).shift);
  expect(total).toBeLessThan(0.1);
});
