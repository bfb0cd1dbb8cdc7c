import { expect, test } from '@playwright/test';
import { handOf } from './hands.ts';
import { StudioPage } from './studio.ts';

test.describe.configure({ timeout: 480_000 });
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('a box that is moved and resized by mouse repaints where it came to lie; Esc brings it back', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await handOf('mouse', studio).draw(1, { col: 1, row: 1, width: 2, height: 2 });
  const drag = async (from: [number, number], to: [number, number]): Promise<void> => {
    await page.mouse.move(...(await studio.at(...from)));
    await page.mouse.down();
    await page.mouse.move(...(await studio.at(...to)), { steps: 2 });
  };
  await drag([2, 2], [5, 4]);
  await page.mouse.up();
  await expect(studio.box(1)).toHaveAccessibleName(/column 5 row 4, 2 wide 2 high/);
  await drag([6, 5], [8, 7]);
  await page.mouse.up();
  await expect(studio.box(1)).toHaveAccessibleName(/column 5 row 4, 4 wide 4 high/);
  await drag([5, 5], [2, 2]);
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(studio.box(1)).toHaveAccessibleName(/column 5 row 4, 4 wide 4 high/);
});

test('a box on its way as a link is drawn where the link is opened', async ({ page }) => {
  const studio = new StudioPage(page);
  await page.goto('./#boxes=2,3,4,5,dog');
  await expect(studio.box(1)).toHaveAccessibleName('Box 1, dog, column 2 row 3, 4 wide 5 high');
  await expect(studio.repaint).toHaveText(/Paint this layout/);
  expect(new URL(page.url()).hash).toBe('');
});

test('a file that is no picture is refused with one sentence', async ({ page }) => {
  await new StudioPage(page).openReady();
  await page.getByRole('button', { name: 'Your own picture' }).click();
  await page
    .getByLabel('Picture file')
    .setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('only words') });
  await expect(page.getByText('This file is not a picture that the browser can read')).toBeVisible();
});

test('axe finds nothing while boxes are drawn, cells marked and a picture is chosen', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await handOf('mouse', studio).draw(1, { col: 1, row: 1, width: 3, height: 3 });
  await page.keyboard.press('p');
  await page.mouse.click(...(await studio.at(5.5, 5.5)));
  expect(await studio.violations()).toEqual([]);
  await page.getByRole('button', { name: 'Your own picture' }).click();
  await expect(page.getByRole('dialog', { name: 'Your own picture' })).toBeVisible();
  expect(await studio.violations()).toEqual([]);
});

test.describe('on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('two fingers zoom and never draw a box', async ({ page }) => {
    const studio = await new StudioPage(page).openReady();
    await page.getByRole('button', { name: /^Draw a box/ }).tap();
    const session = await page.context().newCDPSession(page);
    const [x, y] = await studio.at(4, 4);
    const fingers = (apart: number) => [
      { x: x - apart, y, id: 1 },
      { x: x + apart, y, id: 2 },
    ];
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(30).slice(0, 1) });
    await session.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: fingers(30) });
    for (const apart of [45, 60, 80]) {
      await session.send('Input.dispatchTouchEvent', { type: 'touchMove', touchPoints: fingers(apart) });
    }
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await expect(studio.box(1)).toHaveCount(0);
    await expect(page.getByRole('button', { name: 'Zoom out' })).toBeEnabled();
  });

  test('the page is no wider than the phone, and what decides on a result is under the thumb', async ({ page }) => {
    const studio = await new StudioPage(page).openReady();
    await page.getByRole('button', { name: /^Draw a box/ }).tap();
    await page.touchscreen.tap(...(await studio.at(4, 4)));
    await page.getByRole('button', { name: 'Boxes and more' }).tap();
    await expect(page.getByRole('dialog')).toBeVisible();
    // The focus goes back to the button at the edge, which shows its label.
    await page.keyboard.press('Escape');
    await expect(page.getByRole('dialog')).toBeHidden();
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
    await studio.repaint.tap();
    await studio.staged();
    for (const button of await studio.results.getByRole('button').all()) {
      const { x, width, height } = (await button.boundingBox())!;
      expect(height).toBeGreaterThanOrEqual(38);
      expect(x + width).toBeLessThanOrEqual(360);
    }
  });
});
