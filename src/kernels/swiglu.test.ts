import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { swiglu } from './swiglu.ts';
import * as references from './swiglu.ref.ts';

describe('swiglu', () => {
  it.each([
    { rows: 1, cols: 1, magnitude: 1 },
    { rows: 17, cols: 65, magnitude: 1 },
    { rows: 3, cols: 5, magnitude: 400 },
  ])('agrees with the reference on [$rows, 2 · $cols] of ±$magnitude', async ({ rows, cols, magnitude }) => {
    const rec = new Recorder();
    const x = rec.state('x', [rows, 2 * cols], 'f32');
    const inputs = new Map([[x, normal(x.shape, 1, magnitude)]]);
    await expectAgreement(rec, references, inputs, [swiglu(rec, x)], { abs: 1e-6, rel: 1e-5 });
  });

  it('refuses columns without halves', () => {
    const rec = new Recorder();
    expect(() => swiglu(rec, rec.scratch('x', [2, 7]))).toThrow('x: 7 columns have no halves');
  });
});
