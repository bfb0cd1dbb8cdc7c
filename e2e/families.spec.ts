import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test, type Page } from '@playwright/test';
import { StudioPage } from './studio.ts';

const root = new URL('../', import.meta.url).pathname;
const dialog = (page: Page) => page.getByRole('dialog', { name: 'Bring your own model' });
/** Machines may be busy, and the first look brings code that nobody needed before. */
const patient = { timeout: 120_000 };

/** Toys that each peer's own code wrote, with what no file tells. */
const families = [
  {
    family: 'maskgit-torch',
    tokenizer: 'hmorimitsu/tokenizer_imagenet256.ckpt',
    transformer: 'hmorimitsu/maskgit_imagenet256.ckpt',
    told: { groups: 4, heads: 4 },
  },
  {
    family: 'Google’s Flax files',
    tokenizer: 'flax-derived/tokenizer_imagenet256_checkpoint',
    transformer: 'flax-derived/maskgit_imagenet256_checkpoint',
    told: { groups: 4 },
  },
  {
    family: 'open-muse, two folders',
    tokenizer: 'openmuse/vqgan',
    transformer: 'openmuse/transformer',
    told: { groups: 4 },
  },
  {
    family: 'Halton-MaskGIT with LlamaGen’s VQ-16',
    tokenizer: 'llamagen-vq/vq_ds16_c2i.pt',
    transformer: 'halton/ImageNet_256_tiny.pth',
    told: { groups: 4, heads: 3 },
  },
  {
    family: 'valeo.ai’s first MaskGIT with a VQGAN of taming-transformers',
    tokenizer: 'taming/last.ckpt',
    transformer: 'valeo-v1/MaskGIT_ImageNet_256.pth',
    told: { groups: 4, heads: 4 },
  },
  {
    family: 'MUSE’s U-ViT with the tokenizer of TiTok',
    tokenizer: 'titok-vq/maskgit-vqgan-imagenet-f16-256.bin',
    transformer: 'muse-uvit/nnet_ema.pth',
    told: { groups: 4, heads: 4 },
  },
] as const;

interface Model {
  readonly config: object;
  readonly sampler: object;
  readonly shards: readonly { readonly sha256: string }[];
}

/** What a model computes with: its networks, its sampler, and the hash of every byte of its weights. */
const essence = ({ config, sampler, shards }: Model) => ({
  config,
  sampler,
  hashes: shards.map((each) => each.sha256),
});

/** The model.json of the model that was brought in. */
function storedModel(page: Page): Promise<Model> {
  return page.evaluate(async () => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle('models');
    for await (const [name, folder] of models.entries()) {
      if (!name.startsWith('local-')) continue;
      const file = await (folder as FileSystemDirectoryHandle).getFileHandle('model.json');
      return JSON.parse(await (await file.getFile()).text()) as Model;
    }
    throw new Error('no model was brought in');
  });
}

for (const { family, tokenizer, transformer, told } of families) {
  test(`${family} becomes in the page what the command line makes of it, to the byte`, async ({ page }, testInfo) => {
    const path = (name: string): string => `${root}golden/peers/${name}`;
    const out = testInfo.outputPath('model');
    const flags = Object.entries(told).flatMap(([flag, value]) => [`--${flag}`, String(value)]);
    const files = ['--tokenizer', path(tokenizer), '--transformer', path(transformer)];
    execFileSync('node', [`${root}bin/unmask.mjs`, 'import', ...files, ...flags, '--dtype', 'f32', '--out', out]);

    await page.route(/\/assets\/worker-/, (route) => route.abort()); // nothing is painted
    await new StudioPage(page).open();
    await page.getByRole('button', { name: /all models/ }).click();
    await page.getByRole('button', { name: 'Bring your own model' }).click();
    for (const name of [transformer, tokenizer]) {
      const field = name.split('/').at(-1)!.includes('.') || name.endsWith('_checkpoint') ? 'files' : 'folder';
      await dialog(page).getByLabel(`Checkpoint ${field}`).setInputFiles(path(name));
    }
    for (const [name, value] of Object.entries(told)) {
      const field = dialog(page).getByRole('textbox', { name: new RegExp(`^${name}`, 'i') });
      await field.fill(String(value), patient);
      await field.press('Enter');
    }
    const exact = dialog(page).getByRole('radio', { name: /Exact/ });
    await exact.check({ force: true, ...patient });
    await dialog(page).getByRole('button', { name: 'Convert it' }).click();
    await expect(dialog(page).getByRole('status')).toContainText('is on this device', patient);
    const made = JSON.parse(readFileSync(`${out}/model.json`, 'utf8')) as Model;
    expect(essence(await storedModel(page))).toEqual(essence(made));
  });
}
