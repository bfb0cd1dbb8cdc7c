import AxeBuilder from '@axe-core/playwright';
import { expect, test, type Page } from '@playwright/test';
import { StudioPage } from './studio.ts';

/** Cells a side and pixels a side of the mini model. */
const GRID = 8;
const SIZE = 32;

interface Row {
  readonly id: string;
  readonly tokens: readonly number[];
  readonly rgba: readonly number[];
}

/** Every kept picture, the newest first, as the browser's storage holds it: tokens and pixels. */
function kept(page: Page): Promise<Row[]> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((resolve, reject) => {
      const open = indexedDB.open('unmask');
      open.onsuccess = () => resolve(open.result);
      open.onerror = () => reject(open.error);
    });
    type Stored = { id: string; tokens: Int32Array; png: Blob; result: { createdAtMs: number } };
    const rows = await new Promise<Stored[]>((resolve, reject) => {
      const all = database.transaction('results').objectStore('results').getAll();
      all.onsuccess = () => resolve(all.result as Stored[]);
      all.onerror = () => reject(all.error);
    });
    database.close();
    const newest = rows.toSorted((a, b) => b.result.createdAtMs - a.result.createdAtMs);
    return Promise.all(
      newest.map(async ({ id, tokens, png }) => {
        const bitmap = await createImageBitmap(png);
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
        const ctx = canvas.getContext('2d')!;
        ctx.drawImage(bitmap, 0, 0);
        const { data } = ctx.getImageData(0, 0, bitmap.width, bitmap.height);
        return { id, tokens: [...tokens], rgba: [...data] };
      }),
    );
  });
}

interface Box {
  readonly row: number;
  readonly col: number;
  readonly height: number;
  readonly width: number;
}

const isIn = ({ row, col, height, width }: Box, r: number, c: number, reach = 0): boolean =>
  r >= row - reach && r < row + height + reach && c >= col - reach && c < col + width + reach;

/** Outside boxes and their ring no byte and no token differs; inside, something does. `reach` cells may blend. */
function expectOnlyInside(before: Row, after: Row, boxes: readonly Box[], reach = 1, tokenReach = 0): void {
  const cell = SIZE / GRID;
  const changed = { inside: 0, outside: 0, tokens: 0 };
  for (let pixel = 0; pixel < SIZE * SIZE; pixel++) {
    const [r, c] = [Math.floor(pixel / SIZE / cell), Math.floor((pixel % SIZE) / cell)];
    const isSame = [0, 1, 2, 3].every((i) => before.rgba[pixel * 4 + i] === after.rgba[pixel * 4 + i]);
    if (isSame) continue;
    if (boxes.some((box) => isIn(box, r, c, reach))) changed.inside++;
    else changed.outside++;
  }
  after.tokens.forEach((token, p) => {
    const isFree = boxes.some((box) => isIn(box, Math.floor(p / GRID), p % GRID, tokenReach));
    if (!isFree && token !== before.tokens[p]) changed.tokens++;
  });
  expect(changed).toEqual({ inside: expect.any(Number), outside: 0, tokens: 0 });
  expect(changed.inside).toBeGreaterThan(0);
}

/** The page with ways to work on parts of the picture. */
class EditingPage extends StudioPage {
  readonly repaint = this.page.getByRole('button', { name: /^(Repaint|Paint this)/ });
  readonly results = this.page.getByRole('toolbar', { name: 'Results of the edit' });
  readonly keep = this.page.getByRole('button', { name: 'Keep', exact: true });

  /** A point of the page, in cells of the picture. */
  async at(col: number, row: number): Promise<[number, number]> {
    const { x, y, width, height } = (await this.stage.boundingBox())!;
    const side = Math.min(width, height);
    return [x + (width - side) / 2 + (side * col) / GRID, y + (height - side) / 2 + (side * row) / GRID];
  }

  async drag(from: [number, number], to: [number, number]): Promise<void> {
    const [x, y] = await this.at(...from);
    await this.page.mouse.move(x, y);
    await this.page.mouse.down();
    const [toX, toY] = await this.at(...to);
    await this.page.mouse.move((x + toX) / 2, (y + toY) / 2);
    await this.page.mouse.move(toX, toY);
    await this.page.mouse.up();
  }

  box(number: number) {
    return this.page.getByRole('button', { name: new RegExp(`^Box ${number}, `) });
  }

  /** Make a first picture, quickly. */
  async picture(): Promise<Row> {
    await this.quality('Fast');
    await this.generate.click();
    await expect(this.frames).toHaveCount(1, { timeout: 120_000 });
    await this.said(/finished/);
    return (await kept(this.page))[0]!;
  }

  async pick(name: string): Promise<void> {
    await this.page.getByRole('searchbox', { name: 'Search a class' }).fill(name);
    await this.page.getByRole('dialog').getByRole('option', { name, exact: true }).click();
    await expect(this.page.getByRole('dialog')).toBeHidden();
  }

  async staged(): Promise<void> {
    await expect(this.results).toBeVisible({ timeout: 120_000 });
  }
}

test.describe.configure({ timeout: 480_000 });
// Motion would only make the journeys wait.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

test('by mouse: a picture, a box, another class, repaint, compare, keep; then undo all the way and back', async ({
  page,
}) => {
  const studio = new EditingPage(page);
  await studio.openReady();
  const before = await studio.picture();
  await page.keyboard.press('b');
  await studio.drag([1.3, 2.2], [3.6, 4.7]);
  await expect(studio.box(1)).toHaveAccessibleName(/column 2 row 3, 3 wide 3 high/);
  await studio.box(1).press('Enter');
  await studio.pick('dog');
  await expect(studio.repaint).toHaveText(/Repaint as dog/);
  await studio.repaint.click();
  await studio.staged();
  const box = { row: 2, col: 1, height: 3, width: 3 };
  const [after] = await kept(page);
  expectOnlyInside(before, after!, [box]);
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toContainText(/with dog/i);

  await page.keyboard.press('c');
  await expect(page.getByRole('slider', { name: 'Before and after' })).toBeVisible();
  await page.keyboard.press('c');
  await studio.keep.click();
  await expect(studio.results).toBeHidden();
  await expect(studio.generate).toBeVisible();

  await page.keyboard.press('Control+z');
  await expect(studio.box(1)).toHaveAccessibleName(/^Box 1, dog/);
  await page.keyboard.press('Control+z');
  await page.keyboard.press('Control+z');
  await expect(studio.box(1)).toHaveCount(0);
  for (let i = 0; i < 3; i++) await page.keyboard.press('Control+Shift+z');
  await expect(studio.box(1)).toHaveCount(0);
  await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toContainText(/with dog/i);
});

test('a box that is moved and resized by mouse repaints where it came to lie; Esc brings it back', async ({ page }) => {
  const studio = new EditingPage(page);
  await studio.openReady();
  await page.keyboard.press('b');
  await studio.drag([1.2, 1.2], [2.8, 2.8]);
  await studio.drag([2, 2], [5, 4]);
  await expect(studio.box(1)).toHaveAccessibleName(/column 5 row 4, 2 wide 2 high/);
  await studio.drag([6, 5], [8, 7]);
  await expect(studio.box(1)).toHaveAccessibleName(/column 5 row 4, 4 wide 4 high/);
  await page.mouse.move(...(await studio.at(5, 5)));
  await page.mouse.down();
  await page.mouse.move(...(await studio.at(2, 2)));
  await page.keyboard.press('Escape');
  await page.mouse.up();
  await expect(studio.box(1)).toHaveAccessibleName(/column 5 row 4, 4 wide 4 high/);
});

test('by keyboard alone: picture, box in the middle, class, repaint, keep', async ({ page }) => {
  const studio = new EditingPage(page);
  await studio.openReady();
  const before = await studio.picture();
  await studio.stage.focus();
  await page.keyboard.press('b');
  await page.keyboard.press('Enter');
  await expect(studio.box(1)).toBeFocused();
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+ArrowLeft');
  await page.keyboard.press('Alt+ArrowLeft');
  await expect(studio.box(1)).toHaveAccessibleName(/column 2 row 2, 4 wide 4 high/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('searchbox', { name: 'Search a class' })).toBeFocused();
  await page.keyboard.type('cactus');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(studio.repaint).toHaveText(/Repaint as cactus/);
  await page.keyboard.press('Control+Enter');
  await studio.staged();
  const [after] = await kept(page);
  expectOnlyInside(before, after!, [{ row: 1, col: 1, height: 4, width: 4 }]);
  await studio.stage.focus();
  await page.keyboard.press('Enter');
  await expect(studio.results).toBeHidden();
  await expect(studio.box(1)).toHaveCount(0);
});

test('a layout of three boxes on a blank canvas becomes a picture', async ({ page }) => {
  const studio = new EditingPage(page);
  await studio.openReady();
  await studio.quality('Fast');
  await page.getByRole('button', { name: 'Blank canvas' }).click();
  await page.keyboard.press('b');
  for (const [from, to] of [
    [
      [0.5, 4.5],
      [2.5, 7.5],
    ],
    [
      [3.5, 4.5],
      [5.5, 7.5],
    ],
    [
      [5.5, 0.5],
      [7.5, 2.5],
    ],
  ] as const) {
    await studio.drag([...from], [...to]);
  }
  await studio.box(3).press('Enter');
  await studio.pick('sun');
  await expect(studio.repaint).toHaveText(/Paint this layout/);
  await studio.repaint.click();
  await studio.staged();
  const [made] = await kept(page);
  expect(made!.tokens.filter((token) => token < 0)).toHaveLength(0);
  expect(new Set(made!.tokens).size).toBeGreaterThan(5);
});

test('a photograph: cropped, read, two boxes with two classes; only they and their halo change', async ({ page }) => {
  const studio = new EditingPage(page);
  await studio.openReady();
  await studio.quality('Fast');
  const png = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(300, 200);
    const ctx = canvas.getContext('2d')!;
    for (let x = 0; x < 300; x++) {
      ctx.fillStyle = `hsl(${x} 70% 50%)`;
      ctx.fillRect(x, 0, 1, 200);
    }
    return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
  });
  await page.getByRole('button', { name: 'Your own picture' }).click();
  await page
    .getByLabel('Picture file')
    .setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer: Buffer.from(png) });
  const use = page.getByRole('button', { name: 'Use this picture' });
  await expect(use).toBeEnabled({ timeout: 120_000 });
  await use.click();
  await expect(page.getByRole('dialog')).toBeHidden();
  const [before] = await kept(page);
  await page.keyboard.press('b');
  await studio.drag([0.2, 0.2], [1.8, 1.8]);
  await studio.drag([5.2, 5.2], [7.8, 7.8]);
  await studio.box(2).press('Enter');
  await studio.pick('cat');
  await studio.repaint.click();
  await studio.staged();
  const boxes = [
    { row: 0, col: 0, height: 2, width: 2 },
    { row: 5, col: 5, height: 3, width: 3 },
  ];
  const [after] = await kept(page);
  expectOnlyInside(before!, after!, boxes, 2, 1);
});

test('a file that is no picture is refused with one sentence', async ({ page }) => {
  const studio = new EditingPage(page);
  await studio.openReady();
  await page.getByRole('button', { name: 'Your own picture' }).click();
  await page
    .getByLabel('Picture file')
    .setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('only words') });
  await expect(page.getByText('This file is not a picture that the browser can read')).toBeVisible();
});

test('axe finds nothing while boxes are drawn, cells marked and a picture is chosen', async ({ page }) => {
  const studio = new EditingPage(page);
  await studio.openReady();
  await page.keyboard.press('b');
  await studio.drag([1.3, 1.3], [3.7, 3.7]);
  await page.keyboard.press('p');
  await studio.drag([5.5, 5.5], [6.5, 5.5]);
  const violations = async () => {
    const found = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']).analyze();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  };
  expect(await violations()).toEqual([]);
  await page.getByRole('button', { name: 'Your own picture' }).click();
  await expect(page.getByRole('dialog', { name: 'Your own picture' })).toBeVisible();
  expect(await violations()).toEqual([]);
});

test.describe('by touch, on a phone', () => {
  test.use({ viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true });

  test('a tap draws a box, its chip changes the class, Repaint and Keep are under the thumb', async ({ page }) => {
    const studio = new EditingPage(page);
    await studio.openReady();
    await page.getByRole('button', { name: /^Draw a box/ }).tap();
    await page.touchscreen.tap(...(await studio.at(4, 4)));
    await expect(studio.box(1)).toHaveAccessibleName(/column 3 row 3, 4 wide 4 high/);
    await page.locator('[data-chip="1"]').tap();
    await studio.pick('pig');
    await expect(studio.repaint).toHaveText(/Repaint as pig/);
    await studio.repaint.tap();
    await studio.staged();
    for (const button of await studio.results.getByRole('button').all()) {
      const { x, width, height } = (await button.boundingBox())!;
      expect(height).toBeGreaterThanOrEqual(38);
      expect(x + width).toBeLessThanOrEqual(360);
    }
    await studio.keep.tap();
    await expect(studio.results).toBeHidden();
  });

  test('two fingers zoom and never draw a box', async ({ page }) => {
    const studio = new EditingPage(page);
    await studio.openReady();
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
});
