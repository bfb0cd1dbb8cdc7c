import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { memoryFile, type RangedFile } from '../../formats/ranged.ts';
import { failureOf } from '../../gpu/lost.ts';
import { testDevice } from '../../testing/device.ts';
import type { ModelSource } from '../source.ts';
import { conversionLoss, qualityOf } from './conversionLoss.ts';
import { importModel } from './importModel.ts';
import type { NetworkFiles } from './networks.ts';
import type { WeightDtype } from './quantize.ts';

const stop = new AbortController().signal;
const official = (name: string): RangedFile =>
  memoryFile(name, readFileSync(new URL(`../../../golden/official-a/checkpoints/${name}`, import.meta.url)));
const tokenizer = official('tokenizer_imagenet96_checkpoint');
const transformer = official('maskgit_imagenet96_checkpoint');

/** Import as this type and say what that cost. */
async function lossOf(dtype: WeightDtype, files: NetworkFiles, grids: number) {
  const written = new Map<string, Uint8Array>();
  await importModel(files, { id: 'toy', dtype }, async (name, bytes) => void written.set(name, bytes));
  const converted: ModelSource = {
    name: 'toy',
    manifest: async () => JSON.parse(Buffer.from(written.get('model.json')!).toString()) as unknown,
    open: async ({ file }) => ({ ...memoryFile(file, written.get(file)!), close: async () => {} }),
  };
  const opened = await testDevice();
  return conversionLoss(opened, failureOf(opened.device), { files, options: {}, converted, grids }, stop);
}

describe('what a conversion cost', () => {
  it('is a little in int8, on all that the model can do', async () => {
    const loss = await lossOf('int8', { tokenizer, transformer }, 2);
    expect(loss.logitsNmse).toBeGreaterThan(1e-9);
    expect(loss.logitsNmse).toBeLessThan(1e-3);
    // Random weights have more near-ties than trained ones.
    expect(loss.sameCode).toBeGreaterThan(0.9);
    expect(loss.sameCode).toBeLessThan(1);
    expect(loss.pixelsPsnrDb).toBeGreaterThan(25);
    expect(loss.pixelsPsnrDb).toBeLessThan(80);
  });

  it('is nothing in f32, and told of the networks that are there in numbers that a model.json can hold', async () => {
    const loss = await lossOf('f32', { tokenizer }, 1);
    expect(loss).toEqual({ pixelsPsnrDb: Infinity });
    expect(qualityOf(loss)).toEqual({});
    expect(qualityOf({ sameCode: 0.99, logitsNmse: 1e-4, pixelsPsnrDb: 41 })).toEqual({
      conversionSameCode: 0.99,
      conversionLogitsNmse: 1e-4,
      conversionPsnrDb: 41,
    });
  });
});
