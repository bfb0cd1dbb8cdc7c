import { describe, it } from 'vitest';
import { NULL_CLASS } from '../core/guidance.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { classVector } from './classVector.ts';
import * as references from './classVector.ref.ts';

describe('classVector', () => {
  it('reads the class, and "no class" for whatever is none', async () => {
    const rec = new Recorder();
    const ids = [0, 2, NULL_CLASS, 3, 4, 1e9, -1e9];
    const classes = rec.state('classes', [ids.length], 'i32');
    const table = rec.weight('table', [4, 65]);
    const y = classVector(rec, classes, table);
    const inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
      [table, normal(table.shape, 1)],
      [classes, Int32Array.from(ids)],
    ]);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-6, rel: 1e-5 });
  });
});
