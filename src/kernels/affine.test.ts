import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { affine } from './affine.ts';
import * as references from './affine.ref.ts';

const activations = ['none', 'silu'] as const;

function record(shape: readonly number[], activation: 'none' | 'silu', magnitude = 1) {
  const rec = new Recorder();
  const x = rec.state('x', shape, 'f32');
  const factors = rec.state('factors', [2, shape.at(-1)!], 'f32');
  const y = affine(rec, x, factors, activation);
  const inputs = new Map([
    [x, normal(shape, 1, magnitude)],
    [factors, normal(factors.shape, 2)],
  ]);
  return { rec, inputs, y };
}

describe('affine', () => {
  it.each([
    { shape: [1, 1, 1], why: 'a single value' },
    { shape: [5, 17, 3], why: 'one element fewer than threads' },
    { shape: [1, 257, 1], why: 'one element more than threads' },
    { shape: [6, 6, 64], why: 'a level of the tiny official decoder' },
  ])('agrees with the reference on $shape: $why', async ({ shape }) => {
    for (const activation of activations) {
      const { rec, inputs, y } = record(shape, activation);
      await expectAgreement(rec, references, inputs, [y], { abs: 1e-6, rel: 1e-6 });
    }
  });

  it.each(activations)('has no overflow with activations of ±800 into %s', async (activation) => {
    const { rec, inputs, y } = record([5, 7, 5], activation, 800);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-3, rel: 1e-6 });
  });

  it('refuses factors for another number of channels', () => {
    const rec = new Recorder();
    const factors = rec.scratch('factors', [2, 7]);
    expect(() => affine(rec, rec.scratch('x', [2, 2, 8]), factors)).toThrow(
      'factors: shape [2, 7] does not fit [2, 8]',
    );
  });
});
