import { expect, test, type Page } from '@playwright/test';
import { StudioPage } from './studio.ts';

/** What the stage says of itself, from the first moment on: a busy machine may look only after the recorded run is over. */
async function listenToStage(page: Page): Promise<() => Promise<string>> {
  await page.addInitScript(() => {
    const said: string[] = [];
    const listen = () => said.push(document.querySelector('[role=application]')?.ariaLabel ?? '');
    new MutationObserver(listen).observe(document, { subtree: true, attributeFilter: ['aria-label'] });
    Object.assign(globalThis, { saidByStage: said });
  });
  return () => page.evaluate(() => (globalThis as unknown as { saidByStage: string[] }).saidByStage.join('\n'));
}

test('a first visit shows something at once and plays a recorded run while the model comes', async ({ page }) => {
  const said = await listenToStage(page);
  await new StudioPage(page).open();
  await expect.poll(said, { timeout: 120_000 }).toMatch(/step \d+ of \d+/);
  const paintMs = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Infinity,
  );
  expect(paintMs).toBeLessThan(1000);
  await expect(page.getByText('a recorded run')).toBeVisible();
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toBeVisible();
  await expect(page.getByRole('banner')).toContainText('ready', { timeout: 120_000 });
});

test('a visitor picks a class by another name, presses Generate and gets a picture within 15 s', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await page.getByRole('button', { name: /choose another class/ }).click();
  await page.getByRole('searchbox').fill('pupp');
  await page.getByRole('dialog').getByRole('option').first().click();
  await studio.quality('Fast');
  const pressedMs = Date.now();
  await studio.generate.click();
  await expect(studio.stop).toBeVisible();
  await studio.said(/dog, 32 by 32 pixels, finished/);
  expect(Date.now() - pressedMs).toBeLessThan(15_000);
  expect(await studio.colours()).toBeGreaterThan(50);
  await expect(studio.frames).toHaveCount(1);
});

test('the page stays light: under 150 MB of JavaScript heap after several pictures', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await studio.quality('Fast');
  await page.getByRole('radio', { name: '3', exact: true }).check({ force: true });
  await studio.generate.click();
  await expect(studio.frames).toHaveCount(3, { timeout: 120_000 });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  expect(metrics.find(({ name }) => name === 'JSHeapUsedSize')!.value).toBeLessThan(150e6);
});

test('Stop takes effect half-way and keeps what was painted', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await studio.quality('Best');
  await studio.generate.click();
  await studio.said(/step [2-9] of 20/);
  await studio.stop.click();
  await expect(studio.generate).toBeVisible();
  await expect(page.getByText(/stopped at step \d+ of 20/).first()).toBeVisible();
  await expect(studio.frames).toHaveCount(1);
  await studio.said(/finished/);
});

test('a finished run can be scrubbed step by step, played and looked at closely', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await studio.quality('Fast');
  await studio.generate.click();
  await studio.said(/finished/);
  await studio.slider.focus();
  await page.keyboard.press('Home');
  await studio.said(/everything masked/);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('ArrowRight');
  await studio.said(/step 2 of 8/);
  await expect(page.getByText(/Step 2 of 8 · \d+ of 64 fixed/)).toBeVisible();
  // The last steps go over what is painted.
  await page.keyboard.press('End');
  for (let step = 0; step < 2; step++) await page.keyboard.press('ArrowLeft');
  await expect(page.getByText(/Step 7 of 8 · corrected, \d+ changed/)).toBeVisible();
  await page.getByRole('button', { name: 'How sure it is', exact: true }).click();
  await expect(page.getByText('unsure')).toBeVisible();
  await page.getByRole('button', { name: 'Zoom in' }).click();
  await expect(page.getByRole('button', { name: 'Zoom out' })).toBeEnabled();
  await page.keyboard.press('Shift+Digit1');
  await page.getByRole('button', { name: 'Play' }).click();
  await studio.said(/finished/);
});

test('results survive a reload, and a deleted one comes back by Undo', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await studio.quality('Fast');
  await page.getByRole('radio', { name: '2', exact: true }).check({ force: true });
  await studio.generate.click();
  await expect(studio.frames).toHaveCount(2, { timeout: 120_000 });
  await expect(studio.generate).toBeVisible();
  await page.getByRole('button', { name: 'Star', exact: true }).click();
  const tokens = await studio.storedTokens();
  await page.reload();
  await expect(studio.frames).toHaveCount(2);
  expect(await studio.storedTokens()).toEqual(tokens);
  await expect(studio.frames.first()).toHaveAccessibleName(/starred/);
  await studio.frames.nth(1).click();
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(studio.frames).toHaveCount(1);
  await page.getByText('Undo', { exact: true }).click();
  await expect(studio.frames).toHaveCount(2);
});

test('a picture is saved as a PNG that is large enough to look at', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await studio.quality('Fast');
  await studio.generate.click();
  await studio.said(/finished/);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download PNG' }).click();
  const download = await saved;
  expect(download.suggestedFilename()).toMatch(/^[\w-]+-\d+\.png$/);
  const bytes = await (await download.createReadStream()).toArray();
  const png = Buffer.concat(bytes as Buffer[]);
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([512, 512]);
});

test('everything is reached by keyboard alone', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await page.keyboard.press('/');
  await expect(page.getByRole('searchbox')).toBeFocused();
  await page.keyboard.type('cast');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'castle, choose another class' })).toBeVisible();
  await page.getByRole('radio', { name: /Balanced/ }).focus();
  await page.keyboard.press('ArrowLeft');
  await expect(page.getByRole('radio', { name: /Fast/ })).toBeChecked();
  await page.keyboard.press('Control+Enter');
  await studio.said(/castle, 32 by 32 pixels, finished/);
  await page.keyboard.press(',');
  await page.keyboard.press(',');
  await studio.said(/step 7 of 8/);
  await page.keyboard.press('s');
  await expect(studio.frames.first()).toHaveAccessibleName(/starred/);
  await page.keyboard.press('Delete');
  await expect(studio.frames).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(studio.frames).toHaveCount(1);
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
  // Tab reaches every region, and the first stop leads past the controls.
  await page.reload();
  await expect(studio.frames).toHaveCount(1);
  await page.keyboard.press('Tab');
  await expect(page.getByRole('link', { name: 'Skip to the picture' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(studio.stage).toBeFocused();
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('picture, steps and the one button are in sight, and nothing sticks out', async ({ page }) => {
    const studio = await new StudioPage(page).openReady();
    await studio.choose('fox');
    await studio.quality('Fast');
    await studio.generate.tap();
    await studio.said(/fox, 32 by 32 pixels, finished/);
    for (const part of [studio.stage, studio.slider, studio.generate])
      await expect(part).toBeInViewport({ ratio: 0.9 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);

    // The longest word on the engine, as without an adapter, pushes no button over the edge.
    const chip = page.getByRole('button', { name: /all models/ });
    await chip.evaluate((shown) => (shown.dataset['kind'] = 'failed'));
    await chip.getByText('ready').evaluate((shown) => (shown.textContent = 'recordings'));
    for (const button of await page.getByRole('banner').getByRole('button').all()) {
      const box = (await button.boundingBox())!;
      expect(box.x + box.width).toBeLessThanOrEqual(360);
    }

    // A picture of many boxes has a long name: it is cut short, and the buttons beside it stay free.
    const name = page.getByRole('heading', { name: /seed/ }).getByText('fox');
    const long = await name.elementHandle();
    await long!.evaluate((shown) => (shown.textContent = 'fox, frog, strawberry and '.repeat(4)));
    const { x, width } = (await long!.boundingBox())!;
    expect(x + width).toBeLessThanOrEqual((await page.getByRole('toolbar', { name: 'This picture' }).boundingBox())!.x);
  });
});
