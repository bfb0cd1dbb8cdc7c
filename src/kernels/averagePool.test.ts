import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { averagePool } from './averagePool.ts';
import * as references from './averagePool.ref.ts';

async function expectPooled(shape: readonly number[], magnitude = 1) {
  const rec = new Recorder();
  const x = rec.state('x', shape, 'f32');
  const y = averagePool(rec, x);
  await expectAgreement(rec, references, new Map([[x, normal(shape, 1, magnitude)]]), [y], {
    abs: 1e-6 * magnitude,
    rel: 1e-6,
  });
}

describe('averagePool', () => {
  it.each([
    { shape: [2, 2, 1], why: 'a single value' },
    { shape: [5, 7, 3], why: 'an odd last row and column, left out' },
    { shape: [2, 16, 32], why: 'as many elements as threads' },
    { shape: [4, 6, 65], why: 'more elements than threads' },
  ])('agrees with the reference on $shape: $why', ({ shape }) => expectPooled(shape));

  it('agrees with activations of ±800', () => expectPooled([6, 4, 5], 800));

  it('refuses an image of one row', () => {
    const rec = new Recorder();
    expect(() => averagePool(rec, rec.scratch('x', [1, 4, 3]))).toThrow('x: 1 × 4 pixels cannot be halved');
  });
});
