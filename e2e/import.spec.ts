import { expect, test, type Locator, type Page } from '@playwright/test';
import { zipBytes } from '../src/testing/zipBytes.ts';
import { StudioPage } from './studio.ts';
import { bringToys, dialog, drop, golden, isReady, offerToys, patient } from './toys.ts';

/**
 * finalTokens [4, 4] of `unmask import --tokenizer … --transformer … --dtype f16 --groups 4 --heads 4 --out m` and
 * `unmask generate --model m --class 3 --seed 7 --steps 4 --out o.png --trace t.safetensors`, with the two files above.
 */
const tokensOfTheCommandLine = [8, 24, 7, 40, 8, 39, 27, 7, 40, 40, 21, 8, 8, 19, 8, 45];

/** What the private file system holds of models that were brought in: their folders, or the files in them. */
function storedModels(page: Page, withFiles = false): Promise<string[]> {
  return page.evaluate(async (inside) => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    const names: string[] = [];
    for await (const [name, folder] of models.entries()) {
      if (!name.startsWith('local-')) continue;
      if (!inside) names.push(name);
      else for await (const file of (folder as FileSystemDirectoryHandle).keys()) names.push(`${name}/${file}`);
    }
    return names;
  }, withFiles);
}
const storedFiles = (page: Page) => storedModels(page, true);

test.describe('a checkpoint', () => {
  // The service worker is what a journey without a network is about.
  test.use({ serviceWorkers: 'allow' });

  test('that is dropped paints as by the command line, survives a reload, works offline, and can be deleted', async ({
    page,
    context,
  }) => {
    test.slow(); // two visits, and two pictures in software
    // The model that ships need not be ready: the dropped one takes its place.
    const studio = await new StudioPage(page).open();
    const name = await bringToys(page);
    await studio.choose('class 3');
    await studio.quality('Fast');
    await studio.seed(7);
    await studio.generate.click();
    await studio.said(/class 3, 16 by 16 pixels, finished/);
    expect(await studio.storedTokens()).toEqual(tokensOfTheCommandLine);

    await page.evaluate(async () => navigator.serviceWorker.ready);
    await context.setOffline(true);
    await page.reload();
    await isReady(page, name);
    await expect(studio.frames).toHaveCount(1);
    await studio.generate.click();
    await expect(studio.frames).toHaveCount(2, { timeout: 120_000 });
    await page.getByRole('button', { name: /all models/ }).click();
    await page.getByRole('button', { name: 'Use Mini Worlds' }).click();
    await expect(page.getByRole('banner')).toContainText('Mini Worlds');
    await context.setOffline(false);

    await page.getByRole('button', { name: /all models/ }).click();
    await page.getByRole('button', { name: 'Bring your own model' }).click();
    await dialog(page)
      .getByRole('button', { name: `Delete ${name}…` })
      .click();
    await dialog(page)
      .getByRole('button', { name: `Delete ${name}`, exact: true })
      .click();
    await expect(dialog(page).getByText(name)).toHaveCount(0);
    expect(await storedModels(page)).toEqual([]);
  });
});

/** Nothing is painted in this journey: the engine need not work. */
const withoutEngine = (page: Page) => page.route(/\/assets\/worker-/, (route) => route.abort());

test('a wrong file is refused in one sentence, and a picture stays a picture', async ({ page }) => {
  await withoutEngine(page);
  await new StudioPage(page).open();
  await drop(page, { 'model.ckpt': Buffer.from('<!doctype html><title>Sign in</title>') });
  await expect(dialog(page).getByRole('alert')).toHaveText(/^This is a web page \(HTML\) instead of the file/, patient);
  await expect(dialog(page).getByRole('button', { name: /Convert/ })).toHaveCount(0);
  await drop(page, { 'photo.png': golden('official-a/input.png') });
  await expect(page.getByRole('dialog', { name: 'Your own picture' })).toBeVisible();
});

test('a zip whose content is compressed and larger than 64 MiB is read like any other', async ({ page }) => {
  await withoutEngine(page);
  await new StudioPage(page).open();
  const beside = new Uint8Array(65 * 2 ** 20);
  for (let at = 0; at < beside.length; at += 32_768) crypto.getRandomValues(beside.subarray(at, at + 400));
  const zip = zipBytes([
    { name: 'm/optimizer.bin', content: beside, isDeflated: true },
    { name: 'm/painter.ckpt', content: golden('peers/hmorimitsu/maskgit_imagenet256.ckpt'), isDeflated: true },
  ]);
  await drop(page, { 'compressed.zip': zip });
  await expect(dialog(page)).toContainText('Drop the tokenizer too', patient);
});

/** A way to hold up every read of a file in this page, so that there is something to stop or to wait for, however busy the machine. */
async function readsOf(page: Page) {
  await page.route(/importWorker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    const patient = `const read = Blob.prototype.arrayBuffer;
      Blob.prototype.arrayBuffer = async function () {
        await navigator.locks.request('reads', () => undefined);
        return read.call(this);
      };`;
    await route.fulfill({ response, body: `${patient}\n${await response.text()}` });
  });
  /** Asks for the lock; where a read waits already, that one passes first. */
  const ask = () =>
    page.evaluate(() => {
      const held = new Promise<void>((done) => addEventListener('release', () => done(), { once: true }));
      void navigator.locks.request('reads', () => held);
    });
  const release = () => page.evaluate(() => void dispatchEvent(new Event('release')));
  return {
    hold: ask,
    release,
    /** Lets one read after the other pass until this says that it converts. */
    passUntil: (conversion: Locator) =>
      expect(async () => {
        await release();
        await ask();
        await expect(conversion).toContainText('Converting', { timeout: 500 });
      }).toPass(patient),
  };
}

test('an import can be paused, goes on, and leaves nothing behind when it is cancelled', async ({ page }) => {
  await withoutEngine(page);
  const reads = await readsOf(page);
  await new StudioPage(page).open();
  await offerToys(page);
  await reads.hold();
  const conversion = dialog(page).getByRole('region', { name: 'Conversion' });
  await dialog(page).getByRole('button', { name: 'Convert it' }).click();
  await reads.passUntil(conversion);
  await conversion.getByRole('button', { name: 'Pause' }).click();
  await expect(conversion).toContainText('Paused');
  await conversion.getByRole('button', { name: 'Continue' }).click();
  await reads.passUntil(conversion);
  await conversion.getByRole('button', { name: 'Cancel' }).click();
  await reads.release();
  await expect(dialog(page).getByRole('button', { name: 'Choose files' })).toBeVisible();
  await expect.poll(() => storedFiles(page)).toEqual([]);
});

test('two tabs convert a model once: the second waits for the first and takes it from there', async ({ context }) => {
  const [first, second] = [await context.newPage(), await context.newPage()];
  const reads = await readsOf(first);
  for (const page of [first, second]) {
    await withoutEngine(page);
    await new StudioPage(page).open();
    await offerToys(page);
  }
  await reads.hold();
  await dialog(first).getByRole('button', { name: 'Convert it' }).click();
  await reads.passUntil(dialog(first).getByRole('region', { name: 'Conversion' }));
  await dialog(second).getByRole('button', { name: 'Convert it' }).click();
  const waiting = dialog(second).getByRole('region', { name: 'Conversion' });
  await expect(waiting).toContainText('Another tab converts the same model', patient);
  await reads.release();
  await expect(dialog(first).getByRole('status')).toContainText('is on this device', patient);
  await expect(dialog(second).getByRole('status')).toContainText('was on this device already', patient);
  expect(await storedModels(second)).toHaveLength(1);
});
