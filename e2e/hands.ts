import { expect, type Locator } from '@playwright/test';
import type { Box } from './pictures.ts';
import type { StudioPage } from './studio.ts';

/** The ways in which a person works on a picture; every journey is gone in each of them. */
export const ways = ['mouse', 'touch', 'keyboard'] as const;
export type Way = (typeof ways)[number];

/** What a journey asks of a hand: the same deeds, each by its own means. */
export interface Hand {
  /** Press a button that is in sight. */
  press(button: Locator): Promise<void>;
  /** Draw a box over these cells, as box `number`. */
  draw(number: number, box: Box): Promise<void>;
  /** Choose what box `number` is painted as. */
  paintAs(number: number, name: string): Promise<void>;
  repaint(): Promise<void>;
  /** See the picture before: whole for a moment, then beside the result. */
  compare(): Promise<void>;
  keep(): Promise<void>;
  extendRight(): Promise<void>;
  undo(): Promise<void>;
  redo(): Promise<void>;
}

export function handOf(way: Way, studio: StudioPage): Hand {
  return { mouse: () => new Mouse(studio), touch: () => new Finger(studio), keyboard: () => new Keys(studio) }[way]();
}

/** What all hands do alike. */
abstract class Pointer {
  protected readonly studio: StudioPage;

  constructor(studio: StudioPage) {
    this.studio = studio;
  }

  protected get page() {
    return this.studio.page;
  }

  protected button(name: string | RegExp): Locator {
    return this.page.getByRole('button', { name });
  }

  abstract press(button: Locator): Promise<void>;
  /** Drag over these cells with the box tool in hand. */
  protected abstract drag(box: Box): Promise<void>;

  async draw(number: number, box: Box): Promise<void> {
    await this.press(this.button(/^Draw a box to repaint/));
    await this.drag(box);
    await expect(this.studio.box(number)).toHaveAccessibleName(placeWords(box));
  }

  async paintAs(number: number, name: string): Promise<void> {
    await this.press(this.page.locator(`[data-chip="${number}"]`));
    await this.page.getByRole('searchbox', { name: 'Search a class' }).fill(name);
    await this.press(this.page.getByRole('dialog').getByRole('option', { name, exact: true }));
    await expect(this.page.getByRole('dialog')).toBeHidden();
  }

  repaint(): Promise<void> {
    return this.press(this.studio.repaint);
  }

  async keep(): Promise<void> {
    await this.press(this.studio.keep);
    await expect(this.studio.results).toBeHidden();
  }

  async extendRight(): Promise<void> {
    // On a phone the tools give way to what decides on a result.
    const look = this.button(/^Look and move/);
    if (await look.isVisible()) await this.press(look);
    await this.press(this.page.locator('[data-side="right"]'));
  }

  async compare(): Promise<void> {
    const slider = this.page.getByRole('slider', { name: 'Before and after' });
    const beside = this.button('Compare side by side');
    await this.press(beside);
    await expect(slider).toBeVisible();
    await this.press(beside);
    await expect(slider).toBeHidden();
  }

  undo(): Promise<void> {
    return this.press(this.button(/^Undo/));
  }

  redo(): Promise<void> {
    return this.press(this.button(/^Redo/));
  }
}

class Mouse extends Pointer implements Hand {
  press(button: Locator): Promise<void> {
    return button.click();
  }

  protected async drag({ col, row, width, height }: Box): Promise<void> {
    const { mouse } = this.page;
    await mouse.move(...(await this.studio.at(col + 0.3, row + 0.3)));
    await mouse.down();
    await mouse.move(...(await this.studio.at(col + width / 2 + 0.5, row + height / 2 + 0.5)));
    await mouse.move(...(await this.studio.at(col + width - 0.3, row + height - 0.3)));
    await mouse.up();
  }

  override async compare(): Promise<void> {
    await this.button('Hold to see the picture before').hover();
    await this.page.mouse.down();
    await expect(this.page.getByText('before', { exact: true })).toBeVisible();
    await this.page.mouse.up();
    await super.compare();
  }
}

class Finger extends Pointer implements Hand {
  press(button: Locator): Promise<void> {
    return button.tap();
  }

  protected async drag({ col, row, width, height }: Box): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const touch = async (type: 'touchStart' | 'touchMove', ...cell: [number, number]): Promise<void> => {
      const [x, y] = await this.studio.at(...cell);
      await session.send('Input.dispatchTouchEvent', { type, touchPoints: [{ x, y }] });
    };
    await touch('touchStart', col + 0.3, row + 0.3);
    await touch('touchMove', col + width / 2, row + height / 2);
    await touch('touchMove', col + width - 0.3, row + height - 0.3);
    await session.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
    await session.detach();
  }
}

/** Keys alone; what has no key of its own is a button that Tab reaches. */
class Keys implements Hand {
  private readonly studio: StudioPage;

  constructor(studio: StudioPage) {
    this.studio = studio;
  }

  private get keyboard() {
    return this.studio.page.keyboard;
  }

  press(button: Locator): Promise<void> {
    return button.press('Enter');
  }

  async draw(number: number, { col, row, width, height }: Box): Promise<void> {
    await this.studio.stage.focus();
    await this.keyboard.press('b');
    await this.keyboard.press('Enter');
    await expect(this.studio.box(number)).toBeFocused();
    // It begins with 4 × 4 cells in the middle of 8 × 8.
    await this.times(height - 4, 'Shift+ArrowDown', 'Shift+ArrowUp');
    await this.times(width - 4, 'Shift+ArrowRight', 'Shift+ArrowLeft');
    await this.times(row - 2, 'ArrowDown', 'ArrowUp');
    await this.times(col - 2, 'ArrowRight', 'ArrowLeft');
    await expect(this.studio.box(number)).toHaveAccessibleName(placeWords({ col, row, width, height }));
  }

  private async times(count: number, more: string, less: string): Promise<void> {
    for (let i = 0; i < Math.abs(count); i++) await this.keyboard.press(count > 0 ? more : less);
  }

  async paintAs(number: number, name: string): Promise<void> {
    await this.studio.box(number).press('Enter');
    await expect(this.studio.page.getByRole('searchbox', { name: 'Search a class' })).toBeFocused();
    await this.keyboard.type(name);
    await expect(this.studio.page.getByRole('dialog').getByRole('option').first()).toHaveAccessibleName(name);
    await this.keyboard.press('ArrowDown');
    await this.keyboard.press('Enter');
    await expect(this.studio.page.getByRole('dialog')).toBeHidden();
  }

  repaint(): Promise<void> {
    return this.keyboard.press('Control+Enter');
  }

  async compare(): Promise<void> {
    const { page } = this.studio;
    await this.keyboard.down('\\');
    await expect(page.getByText('before', { exact: true })).toBeVisible();
    await this.keyboard.up('\\');
    await expect(page.getByText('before', { exact: true })).toBeHidden();
    await this.keyboard.press('c');
    const slider = page.getByRole('slider', { name: 'Before and after' });
    await slider.press('ArrowLeft');
    await expect(slider).toHaveAttribute('aria-valuenow', '45');
    await this.keyboard.press('c');
    await expect(slider).toBeHidden();
  }

  async keep(): Promise<void> {
    await this.keyboard.press('Shift+Enter');
    await expect(this.studio.results).toBeHidden();
  }

  async extendRight(): Promise<void> {
    await this.studio.stage.focus();
    await this.keyboard.press('Shift+ArrowRight');
  }

  undo(): Promise<void> {
    return this.keyboard.press('Control+z');
  }

  redo(): Promise<void> {
    return this.keyboard.press('Control+Shift+z');
  }
}

function placeWords({ col, row, width, height }: Box): RegExp {
  return new RegExp(`column ${col + 1} row ${row + 1}, ${width} wide ${height} high`);
}
