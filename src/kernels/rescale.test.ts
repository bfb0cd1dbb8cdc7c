import { describe, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { rescale } from './rescale.ts';
import * as references from './rescale.ref.ts';

describe('rescale', () => {
  it.each([
    { shape: [1], factor: 2, offset: -1 },
    { shape: [9, 10, 3], factor: 0.5, offset: 0.5 },
  ])('agrees with the reference on $shape', async ({ shape, ...range }) => {
    const rec = new Recorder();
    const x = rec.state('x', shape, 'f32');
    await expectAgreement(rec, references, new Map([[x, normal(shape, 1)]]), [rescale(rec, x, range)]);
  });
});
