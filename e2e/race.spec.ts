import { readFile } from 'node:fs/promises';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { StudioPage } from './studio.ts';

const finished = /^12 passes, [\d.]+ m?s — 64 passes, [\d.]+ m?s: (.+) is [\d.]+ × as fast\.$/;

async function openRace(page: Page): Promise<Locator> {
  await page.getByRole('button', { name: 'Race', exact: true }).click();
  const dialog = page.getByRole('dialog', { name: 'Race' });
  await expect(dialog.getByRole('button', { name: 'Start' })).toBeEnabled({ timeout: 120_000 });
  return dialog;
}

/** Starts, waits for the end, and gives the name of the faster. */
async function race(dialog: Locator): Promise<string> {
  await dialog.getByRole('button', { name: /Start|Race again/ }).click();
  await expect(dialog.getByRole('button', { name: 'Race again' })).toBeVisible({ timeout: 200_000 });
  const verdict = dialog.getByRole('status').filter({ hasText: finished });
  await expect(verdict).toBeVisible();
  return finished.exec((await verdict.textContent())!)![1]!;
}

/** The causal network stands in for itself: mini's own weights, said to be read in raster order. */
async function standInRacer(page: Page): Promise<void> {
  const file = (name: string) => readFile(new URL(`../public/models/mini/${name}`, import.meta.url));
  const manifest = JSON.parse(String(await file('model.json')));
  manifest.id = 'mini-raster';
  manifest.config.transformer.order = 'raster';
  await page.route('**/models/index.json', async (route) => {
    const cards = await (await route.fetch()).json();
    const { order } = manifest.config.transformer;
    await route.fulfill({ json: [...cards, { ...cards[0], id: 'mini-raster', order, canPaint: false }] });
  });
  await page.route('**/models/mini-raster/model.json', (route) => route.fulfill({ json: manifest }));
  await page.route('**/models/mini-raster/*.safetensors', async (route) =>
    route.fulfill({ body: await file(new URL(route.request().url()).pathname.split('/').at(-1)!) }),
  );
}

test('twelve passes race against one token a pass, and the faster is named', async ({ page }) => {
  await new StudioPage(page).openReady();
  const dialog = await openRace(page);
  await dialog.getByRole('combobox', { name: 'Both paint' }).selectOption('castle');
  expect(await race(dialog)).toBe('MaskGIT');
  await expect(dialog.getByLabel('castle, finished', { exact: true })).toHaveCount(2);
  await expect(dialog.getByText('pass 64 of 64')).toBeVisible();
  expect(await new StudioPage(page).violations()).toEqual([]);
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
});

test('a race is stopped at once, by keyboard, and starts anew', async ({ page }) => {
  await new StudioPage(page).openReady();
  const dialog = await openRace(page);
  await dialog.getByRole('button', { name: 'Start' }).focus();
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Stop' })).toBeFocused();
  await expect(dialog.getByText(/pass [1-9]\d? of 64/)).toBeVisible({ timeout: 60_000 });
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Start' })).toBeFocused();
  await expect(dialog.getByText('pass 0 of 64')).toBeVisible();
});

test.describe('with a causal network', () => {
  test.use({ contextOptions: { reducedMotion: 'reduce' } });

  test('its weights come only when somebody races against it, and it is no model to paint with', async ({ page }) => {
    const fetched: string[] = [];
    page.context().on('request', (request) => fetched.push(new URL(request.url()).pathname));
    await standInRacer(page);
    await new StudioPage(page).openReady();
    const dialog = await openRace(page);
    const isRacer = (path: string): boolean => path.includes('mini-raster');
    expect(fetched.filter(isRacer)).toEqual([]);
    await dialog.getByRole('radio', { name: /Causal with a cache/ }).check({ force: true });
    await expect(dialog.getByRole('button', { name: 'Start' })).toBeEnabled({ timeout: 120_000 });
    expect(fetched.filter(isRacer).length).toBeGreaterThan(1);
    await race(dialog);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: /all models/ }).click();
    await expect(page.getByRole('list', { name: 'Models' }).getByRole('heading')).toHaveText([
      'Mini Worlds',
      'Worlds 128 Lite',
    ]);
  });
});
