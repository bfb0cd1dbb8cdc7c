import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement, runOnDevice, sumTolerance } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { nearest } from './nearest.ts';
import * as references from './nearest.ref.ts';

function recordNearest(grid: readonly number[], entries: number, embedding: number, magnitude = 1) {
  const rec = new Recorder();
  const latent = rec.state('z', [...grid, embedding], 'f32');
  const codebook = rec.weight('codebook', [entries, embedding]);
  const { tokens, margins } = nearest(rec, latent, codebook);
  const inputs = new Map([
    [latent, normal(latent.shape, 1, magnitude)],
    [codebook, normal(codebook.shape, 2, magnitude)],
  ]);
  return { rec, inputs, latent, codebook, tokens, margins };
}

describe('nearest', () => {
  it.each([
    { grid: [1, 1], entries: 1, embedding: 1, why: 'a single entry: nothing is second' },
    { grid: [1, 3], entries: 2, embedding: 3, why: 'fewer entries than threads' },
    { grid: [5, 5], entries: 65, embedding: 5, why: 'one entry more than threads' },
    { grid: [8, 8], entries: 512, embedding: 64, why: 'mini' },
  ])('agrees with the reference, $grid × $entries × $embedding: $why', async ({ grid, entries, embedding }) => {
    const { rec, inputs, codebook, tokens, margins } = recordNearest(grid, entries, embedding);
    await expectAgreement(rec, references, inputs, [tokens], { abs: 0, rel: 0 });
    const { abs } = sumTolerance(embedding, inputs.get(codebook)!, inputs.get(codebook)!);
    await expectAgreement(rec, references, inputs, [margins], { abs: 4 * abs, rel: 1e-6 });
  });

  it('agrees with latents of ±800', async () => {
    const { rec, inputs, codebook, tokens, margins } = recordNearest([3, 4], 100, 16, 800);
    await expectAgreement(rec, references, inputs, [tokens], { abs: 0, rel: 0 });
    const { abs } = sumTolerance(16, inputs.get(codebook)!, inputs.get(codebook)!);
    await expectAgreement(rec, references, inputs, [margins], { abs: 4 * abs, rel: 1e-6 });
  });

  it('takes the first of equal entries, whichever thread met it, with margin 0', async () => {
    const { rec, inputs, latent, codebook, tokens, margins } = recordNearest([1, 2], 200, 2);
    inputs.set(
      codebook,
      new Float32Array(400)
        .fill(7)
        .fill(1, 2 * 67, 2 * 68)
        .fill(1, 2 * 130, 2 * 131),
    );
    inputs.set(latent, new Float32Array([1, 1, 7, 7]));
    for (const tensor of [tokens, margins]) rec.keep(tensor);
    const [t, m] = await runOnDevice(rec.finish('test'), inputs, [tokens, margins]);
    expect([...new Int32Array(t!)]).toEqual([67, 0]);
    expect([...new Float32Array(m!)]).toEqual([0, 0]);
  });

  it('refuses a codebook of another width', () => {
    const rec = new Recorder();
    expect(() => nearest(rec, rec.scratch('z', [2, 2, 8]), rec.weight('codebook', [5, 7]))).toThrow(
      'z: shape [2, 2, 8]',
    );
  });
});
