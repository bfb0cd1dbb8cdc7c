import { readFile } from 'node:fs/promises';
import AxeBuilder from '@axe-core/playwright';
import { expect, type Locator, type Page } from '@playwright/test';
import { GRID, kept, SIZE, type Kept } from './pictures.ts';

/** The page as a visitor knows it: by names of buttons and what the stage says of itself. */
export class StudioPage {
  readonly page: Page;
  readonly stage: Locator;
  readonly generate: Locator;
  readonly stop: Locator;
  readonly frames: Locator;
  readonly slider: Locator;
  /** The button that paints boxes, and what decides on their results. */
  readonly repaint: Locator;
  readonly results: Locator;
  readonly keep: Locator;

  constructor(page: Page) {
    this.page = page;
    this.stage = page.getByRole('application');
    this.generate = page.getByRole('button', { name: /^Generate/ });
    this.stop = page.getByRole('button', { name: /^Stop/ });
    this.frames = page.getByRole('region', { name: 'Pictures' }).getByRole('listitem').getByRole('button');
    this.slider = page.getByRole('slider', { name: 'Step', exact: true });
    this.repaint = page.getByRole('button', { name: /^(Repaint|Paint this)/ });
    this.results = page.getByRole('toolbar', { name: 'Results of the edit' });
    this.keep = page.getByRole('button', { name: 'Keep', exact: true });
  }

  async open(): Promise<this> {
    await this.page.goto('./');
    return this;
  }

  /** Opens the page and waits until the model is loaded. */
  async openReady(): Promise<this> {
    await this.open();
    await expect(this.page.getByRole('banner')).toContainText('ready', { timeout: 120_000 });
    return this;
  }

  async choose(name: string): Promise<void> {
    await this.page.getByRole('button', { name: /choose another class/ }).click();
    await this.page.getByRole('searchbox', { name: 'Search a class' }).fill(name);
    await this.page.getByRole('dialog').getByRole('option', { name, exact: true }).click();
    await expect(this.page.getByRole('button', { name: `${name}, choose another class` })).toBeVisible();
  }

  /** Types the seed, which locks it. */
  async seed(seed: number): Promise<void> {
    await this.page.getByText('Advanced', { exact: true }).click();
    await this.page.getByRole('textbox', { name: 'Seed' }).fill(String(seed));
  }

  /** On a phone the qualities are in a sheet. */
  async quality(name: 'Fast' | 'Balanced' | 'Best'): Promise<void> {
    const sheet = this.page.getByRole('button', { name: 'How it paints' });
    const isInSheet = await sheet.isVisible();
    if (isInSheet) await sheet.click();
    await this.page.getByRole('radio', { name: new RegExp(name) }).check({ force: true });
    if (!isInSheet) return;
    await this.page.keyboard.press('Escape');
    await expect(this.page.getByRole('dialog')).toBeHidden();
  }

  /** How far the stage is, in its own words. */
  said(words: RegExp | string): Promise<void> {
    return expect(this.stage).toHaveAccessibleName(words, { timeout: 120_000 });
  }

  /** Different colours that the stage shows: a handful while it is masked, many when a picture is there. */
  colours(): Promise<number> {
    return this.stage.evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
      return new Set(new Uint32Array(data.buffer)).size;
    });
  }

  /** Tokens of the newest kept result, as the browser's storage holds them. */
  async storedTokens(): Promise<readonly number[]> {
    return (await kept(this.page))[0]?.tokens ?? [];
  }

  /** A point of the page in cells of a picture of the model's size, `grid` of them a side. */
  async at(col: number, row: number, grid = GRID): Promise<[number, number]> {
    const { x, y, width, height } = (await this.stage.boundingBox())!;
    const side = Math.min(width, height);
    return [x + (width - side) / 2 + (side * col) / grid, y + (height - side) / 2 + (side * row) / grid];
  }

  box(number: number): Locator {
    return this.page.getByRole('button', { name: new RegExp(`^Box ${number}, `) });
  }

  /** Make a first picture, quickly. */
  async picture(): Promise<Kept> {
    await this.quality('Fast');
    await this.generate.click();
    await expect(this.frames).toHaveCount(1, { timeout: 120_000 });
    await this.sized(SIZE, SIZE);
    return (await kept(this.page))[0]!;
  }

  /** The stage shows a finished picture of this size. */
  sized(width: number, height: number): Promise<void> {
    return this.said(new RegExp(`${width} by ${height} pixels, finished`));
  }

  /** A result waits to be decided on. */
  staged(): Promise<void> {
    return expect(this.results).toBeVisible({ timeout: 120_000 });
  }

  /** The saved file, as it is on the disk: its size and its pixels. */
  async saved(press: () => Promise<void>): Promise<{ width: number; height: number; rgba: number[] }> {
    const download = this.page.waitForEvent('download');
    await press();
    const bytes = [...(await readFile(await (await download).path()))];
    return this.page.evaluate(async (file) => {
      const bitmap = await createImageBitmap(new Blob([Uint8Array.from(file)], { type: 'image/png' }));
      const { width, height } = bitmap;
      const ctx = new OffscreenCanvas(width, height).getContext('2d')!;
      ctx.drawImage(bitmap, 0, 0);
      return { width, height, rgba: [...ctx.getImageData(0, 0, width, height).data] };
    }, bytes);
  }

  /** A photograph of 300 × 200 pixels as a PNG, every pixel of another colour than its neighbours. */
  async photograph(): Promise<Buffer> {
    const bytes = await this.page.evaluate(async () => {
      const canvas = new OffscreenCanvas(300, 200);
      const ctx = canvas.getContext('2d')!;
      const image = ctx.createImageData(300, 200);
      image.data.forEach((_, i) => (image.data[i] = i % 4 === 3 ? 255 : (i * 37) % 251));
      ctx.putImageData(image, 0, 0);
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    });
    return Buffer.from(bytes);
  }

  /** axe's findings in the page as it is now, a line each. */
  async violations(): Promise<string[]> {
    const tags = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'];
    const found = await new AxeBuilder({ page: this.page }).withTags(tags).analyze();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' | ')}`);
  }
}

/** The alarm says `title`, and the recordings play all the same. */
export async function expectRecordingsOnly(page: Page, title: string): Promise<void> {
  const alert = page.getByRole('alert');
  await expect(alert).toContainText(title, { timeout: 120_000 });
  await expect(alert.getByRole('button', { name: 'Copy details' })).toBeVisible();
  await page.getByRole('button', { name: 'Play a recording' }).click();
  await new StudioPage(page).said(/step \d+ of \d+/);
}
