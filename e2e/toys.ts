import { readFileSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';

const folder = new URL('../golden/', import.meta.url);
/** The official networks at toy size, as maskgit-torch publishes them. */
const tokenizer = 'peers/hmorimitsu/tokenizer_imagenet256.ckpt';
const transformer = 'peers/hmorimitsu/maskgit_imagenet256.ckpt';

/** The first drop brings code that nobody needed before, on machines that may be busy. */
export const patient = { timeout: 120_000 };

export const golden = (path: string): Buffer => readFileSync(new URL(path, folder));
export const dialog = (page: Page) => page.getByRole('dialog', { name: 'Bring your own model' });
export const isReady = (page: Page, name: string) =>
  expect(page.getByRole('banner')).toContainText(`${name}ready`, patient);

/** Drops files on the page, as a person does from a folder. */
export async function drop(page: Page, files: Readonly<Record<string, Buffer>>): Promise<void> {
  const list = Object.entries(files).map(([name, bytes]) => [name, bytes.toString('base64')] as const);
  await page.evaluate((each) => {
    const data = new DataTransfer();
    for (const [name, text] of each) {
      data.items.add(new File([Uint8Array.from(atob(text), (char) => char.charCodeAt(0))], name));
    }
    document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
  }, list);
}

/** Answers what no file tells: the number of heads, and of groups. */
async function tell(page: Page, label: string, value: number): Promise<void> {
  const field = dialog(page).getByRole('textbox', { name: label });
  await field.fill(String(value));
  await field.press('Enter');
}

/** Offers both toys and answers what is asked, up to the button that converts them. */
export async function offerToys(page: Page): Promise<void> {
  await drop(page, { 'my painter': golden(transformer) });
  await expect(dialog(page)).toContainText('Drop the tokenizer too', patient);
  await drop(page, { 'my pixels': golden(tokenizer) });
  await tell(page, 'Groups', 4);
  await tell(page, 'Heads', 4);
  await expect(dialog(page)).toContainText('16 × 16 pixels in 4 × 4 tokens of 48 codes, 10 classes', patient);
}

/** Brings them in and waits until they can paint; the model's name. */
export async function bringToys(page: Page): Promise<string> {
  await offerToys(page);
  await dialog(page).getByRole('button', { name: 'Convert it' }).click();
  const name = 'MaskGIT transformer (maskgit-torch), 16 px';
  await expect(dialog(page)).toContainText(`${name} is on this device`, patient);
  await dialog(page).getByRole('button', { name: 'Close' }).click();
  await isReady(page, name);
  return name;
}
