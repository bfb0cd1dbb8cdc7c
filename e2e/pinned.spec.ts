import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { StudioPage } from './studio.ts';

/**
 * The tokens of one seeded picture, pinned. Made by `UPDATE_GOLDEN=1 npx playwright test pinned`; the same numbers come
 * from `npm run -s unmask -- generate --model mini --class fox --seed 7 --out fox.png --trace fox.safetensors`.
 */
interface PinnedPicture {
  readonly command: string;
  /** sha256 of the first shard: another model has other tokens. */
  readonly weights: string;
  readonly className: string;
  readonly seed: number;
  readonly steps: number;
  /** [positions] */
  readonly tokens: readonly number[];
}

const file = new URL('../golden/page.json', import.meta.url);
const model = JSON.parse(readFileSync(new URL('../public/models/mini/model.json', import.meta.url), 'utf8')) as {
  readonly shards: readonly { readonly sha256: string }[];
};

test('a seeded picture has the same tokens as ever, and the same again', async ({ page }) => {
  const studio = await new StudioPage(page).openReady();
  await studio.choose('fox');
  await studio.quality('Balanced');
  await studio.seed(7);
  await studio.generate.click();
  await studio.said(/fox, 32 by 32 pixels, finished/);
  const tokens = await studio.storedTokens();
  expect(tokens).toHaveLength(64);
  const picture: PinnedPicture = {
    command: 'UPDATE_GOLDEN=1 npx playwright test pinned',
    weights: model.shards[0]!.sha256,
    className: 'fox',
    seed: 7,
    steps: 8,
    tokens,
  };
  if (process.env['UPDATE_GOLDEN']) writeFileSync(file, `${JSON.stringify(picture)}\n`);
  const pinned = JSON.parse(readFileSync(file, 'utf8')) as PinnedPicture;
  expect(pinned.weights, 'the model changed: make golden/page.json anew with its command').toBe(picture.weights);
  expect(tokens).toEqual(pinned.tokens);
  await studio.generate.click();
  await expect(studio.frames).toHaveCount(2, { timeout: 120_000 });
  expect(await studio.storedTokens()).toEqual(tokens);
});
