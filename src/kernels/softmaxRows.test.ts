import { describe, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { softmaxRows } from './softmaxRows.ts';
import * as references from './softmaxRows.ref.ts';

describe('softmaxRows', () => {
  it.each([
    { shape: [1, 1], spread: 1, why: 'a single value' },
    { shape: [65, 7], spread: 1, why: 'one row more than threads' },
    { shape: [3, 40], spread: 800, why: 'scores whose exponentials f32 cannot hold' },
  ])('agrees with the reference on $shape: $why', async ({ shape, spread }) => {
    const rec = new Recorder();
    const x = rec.state('x', shape, 'f32');
    const inputs = new Map([[x, normal(shape, 1, spread)]]);
    await expectAgreement(rec, references, inputs, [softmaxRows(rec, x)], { abs: 1e-6, rel: 1e-5 });
  });
});
