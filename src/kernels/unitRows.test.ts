import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { prepareWeight } from '../program/recipe.ts';
import { expectAgreement, expectClose } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { unitRows } from './unitRows.ts';
import * as references from './unitRows.ref.ts';

const tolerance = { abs: 1e-6, rel: 1e-6 };

describe('unitRows', () => {
  it.each([
    { shape: [1, 1], why: 'a single value' },
    { shape: [5, 13, 8], why: 'a grid, one row more than threads' },
  ])('agrees with the reference on $shape: $why', async ({ shape }) => {
    const rec = new Recorder();
    const x = rec.state('x', shape, 'f32');
    await expectAgreement(rec, references, new Map([[x, normal(shape, 1, 3)]]), [unitRows(rec, x)], tolerance);
  });

  it('leaves a row of zeros as it is', async () => {
    const rec = new Recorder();
    const x = rec.state('x', [2, 4], 'f32');
    const values = Float32Array.of(0, 0, 0, 0, 3, 0, 4, 0);
    await expectAgreement(rec, references, new Map([[x, values]]), [unitRows(rec, x)], tolerance);
  });

  it('is what a weight of the recipe unitRows has undergone', () => {
    const stored = { shape: [2, 4], values: Float32Array.of(0, 0, 0, 0, 3, 0, 4, 0) };
    const made = prepareWeight({ kind: 'unitRows', name: 'codebook' }, [stored]);
    expectClose('codebook', made, [0, 0, 0, 0, 0.6, 0, 0.8, 0], tolerance);
    expect(stored.values[4]).toBe(3);
  });
});
