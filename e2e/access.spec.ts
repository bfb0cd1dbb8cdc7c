import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { StudioPage } from './studio.ts';

async function expectNoViolations(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'])
    .analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`)).toEqual([]);
}

for (const colorScheme of ['dark', 'light'] as const) {
  test.describe(`in ${colorScheme} colours`, () => {
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } });

    test('axe finds nothing on the page, before and after a picture', async ({ page }) => {
      const studio = await new StudioPage(page).openReady();
      await expectNoViolations(page);
      await page.getByText('Advanced', { exact: true }).click();
      await studio.quality('Fast');
      await studio.generate.click();
      await studio.said(/finished/);
      await expectNoViolations(page);
    });

    for (const [name, key] of [
      ['What shall it paint?', '/'],
      ['Keyboard shortcuts', '?'],
    ] as const) {
      test(`axe finds nothing in the dialog “${name}”`, async ({ page }) => {
        await new StudioPage(page).openReady();
        await page.keyboard.press(key);
        await expect(page.getByRole('dialog', { name })).toBeVisible();
        await expectNoViolations(page);
      });
    }

    test('axe finds nothing in the settings, nor on a page with a problem', async ({ page }) => {
      await page.route('**/*.safetensors', (route) => route.abort());
      await new StudioPage(page).open();
      await expect(page.getByRole('alert')).toBeVisible({ timeout: 120_000 });
      await expectNoViolations(page);
      await page.getByRole('button', { name: 'Settings' }).click();
      await expect(page.getByRole('dialog', { name: 'Settings' })).toBeVisible();
      await expectNoViolations(page);
    });
  });
}

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('axe finds nothing', async ({ page }) => {
    await new StudioPage(page).openReady();
    await expectNoViolations(page);
  });
});

test.describe('with reduced motion', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('nothing plays by itself and nothing on the stage moves', async ({ page }) => {
    const studio = await new StudioPage(page).openReady();
    await studio.said(/finished/);
    const frame = () => studio.stage.evaluate((canvas: HTMLCanvasElement) => canvas.toDataURL());
    const before = await frame();
    await page.waitForTimeout(1500);
    expect(await frame()).toBe(before);
  });
});

test('what happens is told to screen readers', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  const told = page.locator('output[aria-live=polite]');
  await expect(told).toContainText('The model is ready');
  await studio.quality('Fast');
  await studio.generate.click();
  await expect(told).toContainText(/Painting .+, 8 steps/);
  await expect(told).toContainText(/finished, 8 steps/, { timeout: 120_000 });
});
