import { expect, type Locator, type Page } from '@playwright/test';

/** The page as a visitor knows it: by names of buttons and what the stage says of itself. */
export class StudioPage {
  readonly page: Page;
  readonly stage: Locator;
  readonly generate: Locator;
  readonly stop: Locator;
  readonly frames: Locator;
  readonly slider: Locator;

  constructor(page: Page) {
    this.page = page;
    this.stage = page.getByRole('application');
    this.generate = page.getByRole('button', { name: /^Generate/ });
    this.stop = page.getByRole('button', { name: /^Stop/ });
    this.frames = page.getByRole('region', { name: 'Pictures' }).getByRole('listitem').getByRole('button');
    this.slider = page.getByRole('slider', { name: 'Step', exact: true });
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

  quality(name: 'Fast' | 'Balanced' | 'Best'): Promise<void> {
    return this.page.getByRole('radio', { name: new RegExp(name) }).check({ force: true });
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
  storedTokens(): Promise<number[]> {
    return this.page.evaluate(async () => {
      const database = await new Promise<IDBDatabase>((resolve, reject) => {
        const open = indexedDB.open('unmask');
        open.onsuccess = () => resolve(open.result);
        open.onerror = () => reject(open.error);
      });
      type Row = { tokens: Int32Array; result: { createdAtMs: number } };
      const rows = await new Promise<Row[]>((resolve, reject) => {
        const all = database.transaction('results').objectStore('results').getAll();
        all.onsuccess = () => resolve(all.result as Row[]);
        all.onerror = () => reject(all.error);
      });
      database.close();
      const newest = rows.toSorted((a, b) => b.result.createdAtMs - a.result.createdAtMs)[0];
      return [...(newest?.tokens ?? [])];
    });
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
