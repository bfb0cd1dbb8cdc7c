import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { StudioPage } from './studio.ts';

const peers = new URL('../golden/peers/hmorimitsu/', import.meta.url);
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Bring your own model' });
/** Machines may be busy, and the first look brings code that nobody needed before. */
const patient = { timeout: 120_000 };

/** Nothing is painted in these journeys: the engine need not work. */
async function openShelf(page: Page): Promise<void> {
  await page.route(/\/assets\/worker-/, (route) => route.abort());
  await new StudioPage(page).open();
  await page.getByRole('button', { name: /all models/ }).click();
  await page.getByRole('button', { name: 'Bring your own model' }).click();
}

/** Brings the folder of a model in our own format, as from a disk. */
async function bringFolder(page: Page, path: string): Promise<void> {
  await dialog(page).getByLabel('Checkpoint folder').setInputFiles(path);
  await dialog(page).getByRole('button', { name: 'Bring it in' }).click(patient);
  await expect(dialog(page).getByRole('status')).toContainText('is on this device', patient);
}

test('a model folder is brought in, saved as a folder, and comes back from there', async ({ page }, testInfo) => {
  // The picker is the browser's own; what it gives is a folder of the same kind.
  await page.addInitScript(() => {
    const picker = async () => (await navigator.storage.getDirectory()).getDirectoryHandle('disk', { create: true });
    Object.assign(globalThis, { showDirectoryPicker: picker });
  });
  await openShelf(page);
  const shipped = new URL('../public/models/mini/', import.meta.url).pathname; // as train/export.py wrote it
  await bringFolder(page, shipped);
  const shelf = dialog(page).getByRole('region', { name: 'On this device' });
  await shelf.getByRole('button', { name: /^Save .* elsewhere/ }).click();
  await expect(page.getByText(/Saved as the folder mini-[0-9a-f]{10}\./)).toBeVisible(patient);

  const saved = await page.evaluate(async () => {
    const disk = await (await navigator.storage.getDirectory()).getDirectoryHandle('disk');
    const files: [string, string, string][] = [];
    const base64 = (file: File): Promise<string> =>
      new Promise((resolve) => {
        const reader = new FileReader();
        reader.addEventListener('load', () => resolve((reader.result as string).split(',')[1]!));
        reader.readAsDataURL(file);
      });
    for await (const [folder, inside] of disk.entries()) {
      for await (const [name, handle] of (inside as FileSystemDirectoryHandle).entries()) {
        const file = await (handle as FileSystemFileHandle).getFile();
        files.push([folder, name, await base64(file)]);
      }
    }
    return files;
  });
  for (const [folder, name, text] of saved) {
    const bytes = Buffer.from(text, 'base64');
    mkdirSync(testInfo.outputPath(folder), { recursive: true });
    writeFileSync(join(testInfo.outputPath(folder), name), bytes);
    if (name !== 'model.json') expect(bytes.equals(readFileSync(join(shipped, name)))).toBe(true);
  }
  await shelf.getByRole('button', { name: /^Delete .*…/ }).click();
  await shelf.getByRole('button', { name: /^Delete/ }).click();
  await expect(shelf.getByRole('button', { name: /elsewhere/ })).toHaveCount(0);
  await bringFolder(page, testInfo.outputPath(saved[0]![0]));
  await expect(shelf.getByRole('button', { name: /elsewhere/ })).toHaveCount(1);
});

/** A site that lets other pages read its files, and cuts so many connections in the middle. */
async function startSite(): Promise<{ server: Server; at: (name: string) => string; cuts: number; asked: string[] }> {
  const site = { cuts: 0, asked: [] as string[], server: createServer(), at: (name: string) => name };
  site.server.on('request', ({ url, method, headers }, response) => {
    response.setHeader('access-control-allow-origin', '*');
    response.setHeader('access-control-expose-headers', 'content-range, etag');
    const bytes = readFileSync(new URL(`.${url}`, peers));
    if (method === 'HEAD') return response.writeHead(200, { 'content-length': bytes.length }).end();
    const [from, to] = headers.range!.slice('bytes='.length).split('-').map(Number) as [number, number];
    site.asked.push(url!);
    const length = { 'content-length': to - from + 1, 'content-range': `bytes ${from}-${to}/${bytes.length}` };
    response.writeHead(206, length);
    if (site.cuts === 0) return response.end(bytes.subarray(from, to + 1));
    site.cuts--;
    return response.write(bytes.subarray(from, from + 99), () => response.destroy());
  });
  await new Promise<void>((resolve) => site.server.listen(0, '127.0.0.1', resolve));
  const { port } = site.server.address() as AddressInfo;
  site.at = (name) => `http://127.0.0.1:${port}/${name}`;
  return site;
}

async function add(page: Page, address: string): Promise<void> {
  await dialog(page).getByLabel('Address of a checkpoint file').fill(address);
  await dialog(page).getByRole('button', { name: 'Add', exact: true }).click();
}

test('files at addresses survive a cut connection and a reload, and small weights are measured', async ({ page }) => {
  test.slow(); // two networks on a software adapter
  const site = await startSite();
  try {
    await openShelf(page);
    site.cuts = 3; // it tries thrice by itself
    const painter = 'maskgit_imagenet256.ckpt';
    await add(page, site.at(painter));
    await expect(dialog(page).getByRole('alert')).toContainText(`${painter} broke off`, patient);
    await dialog(page)
      .getByRole('button', { name: /^Try .* again/ })
      .click();
    await expect(dialog(page)).toContainText('Drop the tokenizer too', patient);
    expect(site.asked).toHaveLength(4);

    await page.reload();
    await page.getByRole('button', { name: /all models/ }).click();
    await page.getByRole('button', { name: 'Bring your own model' }).click();
    await dialog(page)
      .getByRole('button', { name: `Go on with ${painter}` })
      .click();
    await expect(dialog(page)).toContainText('Drop the tokenizer too', patient);
    expect(site.asked).toHaveLength(4); // all of it was here

    await add(page, site.at('tokenizer_imagenet256.ckpt'));
    for (const label of ['Groups', 'Heads']) {
      const field = dialog(page).getByRole('textbox', { name: label });
      await field.fill('4', patient);
      await field.press('Enter');
    }
    await dialog(page)
      .getByRole('radio', { name: /Small/ })
      .check({ force: true, ...patient });
    await dialog(page).getByRole('button', { name: 'Convert it' }).click();
    const told = dialog(page).getByRole('status');
    await expect(told).toContainText('is on this device', { timeout: 240_000 });
    await expect(told).toContainText(/with at most [\d.]+ MB in memory at once/);
    await expect(told).toContainText(/the same likeliest token at \d+\.\d % of places, decoded pixels agree to \d+ dB/);
    await expect(dialog(page).getByText('Fetched in part')).toHaveCount(0);
  } finally {
    site.server.closeAllConnections();
    site.server.close();
  }
});
