import { expect, test, type Page } from '@playwright/test';
import { GRID } from './pictures.ts';
import { StudioPage } from './studio.ts';

/** The page with a picture on it. */
async function withPicture(page: Page): Promise<StudioPage> {
  const studio = await new StudioPage(page).openReady();
  await studio.picture();
  return studio;
}

test.describe.configure({ timeout: 480_000 });
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('by keyboard: the menu of a box locks it, repaints only it, and what is worked on survives a reload', async ({
  page,
}) => {
  const studio = await withPicture(page);
  await studio.stage.focus();
  await page.keyboard.press('b');
  await page.keyboard.press('Enter');
  await studio.box(1).press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Change class…' })).toBeFocused();
  await page.getByRole('menuitem', { name: 'Lock in place' }).press('Enter');
  await expect(studio.box(1)).toHaveAccessibleName(/locked$/);
  await studio.box(1).press('ArrowLeft');
  await expect(studio.box(1)).toHaveAccessibleName(/column 3 row 3/);
  await page.getByRole('button', { name: 'More for box 1' }).click();
  await page.getByRole('menuitem', { name: 'Repaint only this box' }).click();
  await studio.staged();

  await expect
    .poll(() =>
      page.evaluate(async () => {
        const database = await new Promise<IDBDatabase>((resolve, reject) => {
          const open = indexedDB.open('unmask-sheets');
          open.onsuccess = () => resolve(open.result);
          open.onerror = () => reject(open.error);
        });
        const all = database.transaction('sheets').objectStore('sheets').getAll();
        const [sheet] = await new Promise<{ staged: string[] }[]>((resolve) => {
          all.onsuccess = () => resolve(all.result as { staged: string[] }[]);
        });
        database.close();
        return sheet?.staged.length;
      }),
    )
    .toBe(1);
  await page.reload();
  await expect(studio.box(1)).toHaveAccessibleName(/column 3 row 3, 4 wide 4 high, locked/);
  await expect(studio.results).toBeVisible();
});

test('a token: looked at, set to another code, kept, pinned, and never painted anew', async ({ page }) => {
  const studio = await withPicture(page);
  const before = await studio.storedTokens();
  await page.keyboard.press('x');
  await page.mouse.click(...(await studio.at(5.5, 2.5)));
  const card = page.getByRole('region', { name: 'Token in column 6 row 3' });
  const choices = card.locator('[data-code]');
  await expect(choices).toHaveCount(8, { timeout: 120_000 });
  await expect(card).toContainText(/\d+ % sure/);
  const other = card.locator('[data-code][aria-pressed=false]').first();
  const code = Number(await other.getAttribute('data-code'));
  await other.click();
  await studio.staged();
  const after = await studio.storedTokens();
  expect(after).toEqual(before.with(2 * GRID + 5, code));
  await card.getByRole('button', { name: /^Pin/ }).click();
  await expect(studio.results).toBeHidden();
  expect(await studio.violations()).toEqual([]);

  await page.keyboard.press('Escape');
  await expect(card).toBeHidden();
  await page.keyboard.press('b');
  await page.mouse.click(...(await studio.at(5, 3)));
  await page.keyboard.press('Control+Enter');
  await studio.staged();
  expect((await studio.storedTokens())[2 * GRID + 5]).toBe(code);
});

test.describe('by touch, on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('a finger that drags a handle sees under itself, and one that rests on a box opens its menu', async ({
    page,
  }) => {
    const studio = await new StudioPage(page).openReady();
    await page.getByRole('button', { name: /^Draw a box/ }).tap();
    await page.touchscreen.tap(...(await studio.at(4, 4)));
    const session = await page.context().newCDPSession(page);
    const touch = (type: 'touchStart' | 'touchMove' | 'touchEnd', points: { x: number; y: number }[]) =>
      session.send('Input.dispatchTouchEvent', { type, touchPoints: points });
    const { x, y, width, height } = (await page.locator('[data-handle="se"]').boundingBox())!;
    const finger = { x: x + width / 2, y: y + height / 2 };
    const loupe = page.locator('[data-loupe]');
    await touch('touchStart', [finger]);
    await touch('touchMove', [{ x: finger.x + 30, y: finger.y + 30 }]);
    await touch('touchMove', [{ x: finger.x + 40, y: finger.y + 40 }]);
    await expect(loupe).toBeVisible();
    await touch('touchEnd', []);
    await expect(loupe).toBeHidden();
    await expect(studio.box(1)).toHaveAccessibleName(/5 wide 5 high/);
    const [restX, restY] = await studio.at(4, 4);
    await touch('touchStart', [{ x: restX, y: restY }]);
    await expect(page.getByRole('menu', { name: 'Box 1' })).toBeVisible();
    await touch('touchEnd', []);
    await page.getByRole('menuitem', { name: 'Delete' }).tap();
    await expect(studio.box(1)).toHaveCount(0);
  });
});
