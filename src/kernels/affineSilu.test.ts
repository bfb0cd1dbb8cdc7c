import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { affineSilu } from './affineSilu.ts';
import * as references from './affineSilu.ref.ts';

function recordSilu(shape: readonly number[], magnitude = 1) {
  const rec = new Recorder();
  const x = rec.state('x', shape, 'f32');
  const affine = rec.state('affine', [2, shape.at(-1)!], 'f32');
  const y = affineSilu(rec, x, affine);
  const inputs = new Map([
    [x, normal(shape, 1, magnitude)],
    [affine, normal(affine.shape, 2)],
  ]);
  return { rec, inputs, y };
}

describe('affineSilu', () => {
  it.each([
    { shape: [1, 1, 1], why: 'a single value' },
    { shape: [5, 17, 3], why: 'one element fewer than threads' },
    { shape: [1, 257, 1], why: 'one element more than threads' },
    { shape: [6, 6, 64], why: 'a level of the tiny official decoder' },
  ])('agrees with the reference on $shape: $why', async ({ shape }) => {
    const { rec, inputs, y } = recordSilu(shape);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-6, rel: 1e-6 });
  });

  it('has no overflow with activations of ±800', async () => {
    const { rec, inputs, y } = recordSilu([5, 7, 5], 800);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-3, rel: 1e-6 });
  });

  it('refuses factors for another number of channels', () => {
    const rec = new Recorder();
    const affine = rec.scratch('affine', [2, 7]);
    expect(() => affineSilu(rec, rec.scratch('x', [2, 2, 8]), affine)).toThrow(
      'affine: shape [2, 7] does not fit [2, 8]',
    );
  });
});
