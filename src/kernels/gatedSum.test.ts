import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { gatedSum } from './gatedSum.ts';
import * as references from './gatedSum.ref.ts';

describe('gatedSum', () => {
  it.each([
    { rows: 1, cols: 1, sequences: 1, chunk: 0 },
    { rows: 34, cols: 65, sequences: 2, chunk: 5 },
    { rows: 9, cols: 30, sequences: 3, chunk: 1, inTurns: true },
  ])('agrees with the reference on [$rows, $cols], chunk $chunk', async ({ rows, cols, sequences, ...gate }) => {
    const rec = new Recorder();
    const [x, branch] = [rec.state('x', [rows, cols], 'f32'), rec.state('branch', [rows, cols], 'f32')];
    const values = rec.state('gate', [sequences, 6 * cols], 'f32');
    const inputs = new Map([x, branch, values].map((tensor, i) => [tensor, normal(tensor.shape, i + 1)]));
    await expectAgreement(rec, references, inputs, [gatedSum(rec, x, branch, { values, ...gate })]);
  });

  it('refuses a branch of another shape', () => {
    const rec = new Recorder();
    const gate = { values: rec.scratch('gate', [1, 4]), chunk: 0 };
    expect(() => gatedSum(rec, rec.scratch('x', [2, 4]), rec.scratch('branch', [2, 3]), gate)).toThrow('branch: shape');
  });
});
