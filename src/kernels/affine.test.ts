import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { affine } from './affine.ts';
import * as references from './affine.ref.ts';

describe('affine', () => {
  it.each([
    { shape: [1, 1, 1], why: 'a single value' },
    { shape: [1, 257, 1], why: 'one element more than threads' },
    { shape: [4, 4, 16], why: 'the lowest level of a toy' },
  ])('agrees with the reference on $shape: $why', async ({ shape }) => {
    const rec = new Recorder();
    const x = rec.state('x', shape, 'f32');
    const factors = rec.state('factors', [2, shape.at(-1)!], 'f32');
    const y = affine(rec, x, factors);
    const inputs = new Map([
      [x, normal(shape, 1)],
      [factors, normal(factors.shape, 2)],
    ]);
    await expectAgreement(rec, references, inputs, [y]);
  });

  it('refuses factors for another number of channels', () => {
    const rec = new Recorder();
    const factors = rec.scratch('factors', [2, 7]);
    expect(() => affine(rec, rec.scratch('x', [2, 2, 8]), factors)).toThrow(
      'factors: shape [2, 7] does not fit [2, 8]',
    );
  });
});
