import { expect, test } from '@playwright/test';
import { handOf, ways, type Hand } from './hands.ts';
import { CELL, changedPixels, changedTokens, expectOnlyInside, kept, SIZE, type Kept } from './pictures.ts';
import { StudioPage } from './studio.ts';

test.describe.configure({ timeout: 480_000 });
// Motion would only make the journeys wait.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

const phone = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

for (const way of ways) {
  test.describe(`by ${way}`, () => {
    if (way === 'touch') test.use(phone);

    test('a picture, a box, another class, kept; undone all the way, and done again', async ({ page }) => {
      const studio = await new StudioPage(page).openReady();
      const hand = handOf(way, studio);
      const before = await studio.picture();
      const box = { col: 1, row: 2, width: 3, height: 3 };
      await hand.draw(1, box);
      await hand.paintAs(1, 'dog');
      await expect(studio.repaint).toHaveText(/Repaint as dog/);
      await hand.repaint();
      await studio.staged();
      const [after] = (await kept(page)) as [Kept];
      expectOnlyInside(before, after, [box]);
      await hand.keep();
      await expect(studio.box(1)).toHaveCount(0);
      await thereAndBack(studio, hand);
      await expect(page.getByRole('main').getByRole('heading', { level: 2 })).toContainText(/with dog/i);
      expect(await kept(page)).toEqual([after, before]);
    });

    test('a photograph, two boxes as two classes, compared, kept and saved', async ({ page }) => {
      const studio = await new StudioPage(page).openReady();
      const hand = handOf(way, studio);
      await studio.quality('Fast');
      await bringPhotograph(studio, hand, way === 'mouse');
      await hand.press(page.getByRole('button', { name: 'Use this picture' }));
      await expect(page.getByRole('dialog')).toBeHidden();
      const [before] = (await kept(page)) as [Kept];
      const boxes = [
        { col: 0, row: 0, width: 2, height: 2 },
        { col: 5, row: 5, width: 3, height: 3 },
      ];
      for (const [i, name] of ['pig', 'cat'].entries()) {
        await hand.draw(i + 1, boxes[i]!);
        await hand.paintAs(i + 1, name);
      }
      await hand.repaint();
      await studio.staged();
      const [after] = (await kept(page)) as [Kept];
      // A photograph has a halo of one cell around its boxes, and fades within one more.
      expectOnlyInside(before, after, boxes, 2, 1);
      expect(new Set(after.classes).size).toBe(2);
      await hand.compare();
      await hand.keep();
      const file = await studio.saved(() => hand.press(page.getByRole('button', { name: 'Download PNG' })));
      expect(changedPixels(after, shrunk(file))).toEqual([]);
    });

    test('a blank canvas with three boxes becomes a picture', async ({ page }) => {
      const studio = await new StudioPage(page).openReady();
      const hand = handOf(way, studio);
      await studio.quality('Fast');
      if (way === 'touch') await hand.press(page.getByRole('button', { name: 'Boxes and more' }));
      await hand.press(page.getByRole('button', { name: 'Blank canvas' }));
      await hand.draw(1, { col: 0, row: 4, width: 3, height: 4 });
      await hand.draw(2, { col: 4, row: 4, width: 3, height: 4 });
      await hand.draw(3, { col: 5, row: 0, width: 3, height: 3 });
      await hand.paintAs(2, 'cat');
      await hand.paintAs(3, 'sun');
      await expect(studio.repaint).toHaveText(/Paint this layout/);
      await hand.repaint();
      await studio.staged();
      const [made] = (await kept(page)) as [Kept];
      expect(made.tokens).toHaveLength(64);
      expect(made.tokens.filter((token) => token < 0)).toEqual([]);
      expect(new Set(made.tokens).size).toBeGreaterThan(5);
      expect(new Set(made.classes).size).toBe(3);
      await hand.keep();
      await studio.sized(SIZE, SIZE);
    });

    test('extended to the right twice; undone all the way, done again, and saved whole', async ({ page }) => {
      const studio = await new StudioPage(page).openReady();
      const hand = handOf(way, studio);
      await studio.picture();
      for (const width of [48, 64]) {
        await hand.extendRight();
        await studio.sized(width, SIZE);
      }
      await hand.keep();
      const all = (await kept(page)) as [Kept, Kept, Kept];
      expect(all.map(({ tokens }) => tokens.length)).toEqual([128, 96, 64]);
      for (const [after, before] of [all.slice(0, 2), all.slice(1)] as [Kept, Kept][]) {
        expect(changedPixels(before, after).filter(([x]) => x < before.width - CELL)).toEqual([]);
        expect(changedTokens(before, after)).toEqual([]);
      }
      await thereAndBack(studio, hand, () => studio.sized(SIZE, SIZE));
      await studio.sized(64, SIZE);
      expect(await kept(page)).toEqual(all);
      const file = await studio.saved(() => hand.press(page.getByRole('button', { name: 'Download PNG' })));
      expect(changedPixels(all[0], shrunk(file))).toEqual([]);
    });
  });
}

/** Undo until nothing is left to undo, look, and redo as often. */
async function thereAndBack(studio: StudioPage, hand: Hand, look?: () => Promise<void>): Promise<void> {
  const [undo, redo] = [/^Undo/, /^Redo/].map((name) => studio.page.getByRole('button', { name })) as [
    typeof studio.stop,
    typeof studio.stop,
  ];
  const through = async (button: typeof undo, step: () => Promise<void>): Promise<number> => {
    let steps = 0;
    for (; await button.isEnabled(); steps++) await step();
    return steps;
  };
  await expect(undo).toBeEnabled();
  const steps = await through(undo, () => hand.undo());
  await expect(studio.box(1)).toHaveCount(0);
  await look?.();
  expect(await through(redo, () => hand.redo())).toBe(steps);
}

/** The picture dropped on the page, or chosen as a file where nothing can be dropped. */
async function bringPhotograph(studio: StudioPage, hand: Hand, isDropped: boolean): Promise<void> {
  const { page } = studio;
  const buffer = await studio.photograph();
  if (isDropped) {
    const data = await page.evaluateHandle(
      (bytes) => {
        const transfer = new DataTransfer();
        transfer.items.add(new File([Uint8Array.from(bytes)], 'photo.png', { type: 'image/png' }));
        return transfer;
      },
      [...buffer],
    );
    await studio.stage.dispatchEvent('drop', { dataTransfer: data });
  } else {
    const inSheet = page.getByRole('button', { name: 'Boxes and more' });
    if (await inSheet.isVisible()) await hand.press(inSheet);
    await hand.press(page.getByRole('button', { name: /^Your (own )?picture$/ }));
    await page.getByLabel('Picture file').setInputFiles({ name: 'photo.png', mimeType: 'image/png', buffer });
  }
  await expect(page.getByRole('button', { name: 'Use this picture' })).toBeEnabled({ timeout: 120_000 });
}

/** A saved picture with every square of 16 × 16 pixels as the one pixel that it was. */
function shrunk({ width, height, rgba }: Pick<Kept, 'width' | 'height' | 'rgba'>) {
  const [wide, high] = [width / 16, height / 16];
  const small = Array.from({ length: wide * high * 4 }, (_, i) => {
    const [x, y] = [Math.floor(i / 4) % wide, Math.floor(i / 4 / wide)];
    return rgba[(y * 16 * width + x * 16) * 4 + (i % 4)]!;
  });
  return { width: wide, height: high, rgba: small };
}
