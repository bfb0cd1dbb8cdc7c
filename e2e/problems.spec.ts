import { expect, test, type Page } from '@playwright/test';
import { gpuArgs } from '../playwright.config.ts';
import { expectRecordingsOnly, StudioPage } from './studio.ts';

/** Runs `code` in the engine's worker before the engine's own. */
async function inWorker(page: Page, code: string): Promise<void> {
  await page.route(/\/assets\/worker-[^/]*\.js$/, async (route) => {
    const response = await route.fetch();
    await route.fulfill({ response, body: `${code};\n${await response.text()}` });
  });
}

test('without WebGPU the page says so and plays its recordings', async ({ page }) => {
  await inWorker(page, `Object.defineProperty(WorkerNavigator.prototype, 'gpu', { value: undefined })`);
  await new StudioPage(page).open();
  await expectRecordingsOnly(page, 'This browser cannot compute on the GPU');
});

test('an insecure page is told from a browser without WebGPU', async ({ page }) => {
  await inWorker(
    page,
    `Object.defineProperty(self, 'isSecureContext', { value: false });
     Object.defineProperty(WorkerNavigator.prototype, 'gpu', { value: undefined })`,
  );
  await new StudioPage(page).open();
  await expectRecordingsOnly(page, 'This page was not opened securely');
});

test('a browser without an adapter says where to look', async ({ page }) => {
  await inWorker(page, 'GPU.prototype.requestAdapter = async () => null');
  await new StudioPage(page).open();
  await expectRecordingsOnly(page, 'no graphics card');
});

test('an adapter that is too small for the model is refused with both numbers', async ({ page }) => {
  await inWorker(
    page,
    `const limits = Object.getOwnPropertyDescriptor(GPUAdapter.prototype, 'limits').get;
     const small = { maxStorageBufferBindingSize: 1024, maxBufferSize: 1024 };
     const shrink = (of) => new Proxy(of, { get: (_, name) => small[name] ?? of[name] });
     Object.defineProperty(GPUAdapter.prototype, 'limits', { get() { return shrink(limits.call(this)); } });
     const own = Object.getOwnPropertyDescriptor(GPUDevice.prototype, 'limits').get;
     Object.defineProperty(GPUDevice.prototype, 'limits', { get() { return shrink(own.call(this)); } })`,
  );
  await new StudioPage(page).open();
  await expectRecordingsOnly(page, 'too large for this graphics card');
});

test('weights that do not come can be asked for again', async ({ page }) => {
  await page.route('**/*.safetensors', (route) => route.abort());
  await new StudioPage(page).open();
  await expectRecordingsOnly(page, 'The model could not be fetched');
  await page.unroute('**/*.safetensors');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByRole('banner')).toContainText('ready', { timeout: 120_000 });
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('damaged weights are refused before any picture is made of them', async ({ page }) => {
  await page.route('**/*.safetensors', async (route) => {
    const response = await route.fetch();
    const body = await response.body();
    body[body.length - 5]! ^= 0xff;
    await route.fulfill({ response, body });
  });
  await new StudioPage(page).open();
  await expectRecordingsOnly(page, 'A file of the model is damaged');
});

test('a lost GPU comes back by itself, and the picture is painted all the same', async ({ page }) => {
  await inWorker(
    page,
    `const request = GPUAdapter.prototype.requestDevice;
     GPUAdapter.prototype.requestDevice = async function (...args) {
       const device = await request.apply(this, args);
       new BroadcastChannel('lose').onmessage = () => device.destroy();
       return device;
     }`,
  );
  const studio = await new StudioPage(page).openReady();
  await studio.quality('Fast');
  await studio.generate.click();
  await studio.said(/step [1-3] of 8/);
  await page.evaluate(() => new BroadcastChannel('lose').postMessage('now'));
  await expect(page.getByText(/The GPU went away/)).toBeVisible();
  await studio.said(/finished/);
  await expect(studio.frames).toHaveCount(1);
});

test('a software adapter is said to be slow, and the note can be closed', async ({ page }) => {
  expect(gpuArgs).toContain('--use-webgpu-adapter=swiftshader');
  await new StudioPage(page).openReady();
  const note = page.getByRole('region', { name: 'About this device' });
  await expect(note).toBeVisible();
  await note.getByRole('button', { name: 'Close' }).click();
  await expect(note).toHaveCount(0);
});
