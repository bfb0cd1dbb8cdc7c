import { describe, expect, it } from 'vitest';
import { plainCapabilities } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { queryKeyNorm, rmsNorm, type RmsNormParts } from './rmsNorm.ts';
import * as references from './rmsNorm.ref.ts';

function inputsOf(rec: Recorder, rows: number, cols: number, sequences: number) {
  const x = rec.state('x', [rows, cols], 'f32');
  const [scale, bias] = [rec.weight('scale', [cols]), rec.weight('bias', [cols])];
  const values = rec.state('modulation', [sequences, 3 * cols], 'f32');
  const inputs = new Map([x, scale, bias, values].map((tensor, i) => [tensor, normal(tensor.shape, i + 1)]));
  return { x, scale, bias, values, inputs };
}

describe.each([
  { isFallback: false, subgroups: false, by: 'workgroup' },
  { isFallback: false, subgroups: true, by: 'subgroups' }, // Mesa's software Vulkan has them
  { isFallback: true, subgroups: false, by: 'row' },
])('rmsNorm by $by', ({ isFallback, subgroups }) => {
  it.each([
    { rows: 2, cols: 1, parts: [] },
    { rows: 10, cols: 63, parts: ['scale'] },
    { rows: 34, cols: 65, parts: ['scale', 'modulation'] },
    { rows: 6, cols: 192, parts: ['scale', 'bias', 'modulation'] },
  ])('agrees with the reference on [$rows, $cols] with $parts', async ({ rows, cols, parts }) => {
    const rec = new Recorder({ ...plainCapabilities, isFallback, subgroups });
    const { x, scale, bias, values, inputs } = inputsOf(rec, rows, cols, 2);
    const given: RmsNormParts = {
      ...(parts.includes('scale') && { scale }),
      ...(parts.includes('bias') && { bias }),
      ...(parts.includes('modulation') && { modulation: { values, shift: 2, scale: 1 } }),
    };
    const y = rmsNorm(rec, x, given, 1e-5);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('modulates rows of sequences that take turns', async () => {
    const rec = new Recorder({ ...plainCapabilities, isFallback, subgroups });
    const { x, values, inputs } = inputsOf(rec, 9, 20, 3);
    const y = rmsNorm(rec, x, { modulation: { values, shift: 0, scale: 2, inTurns: true } }, 1e-5);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('norms query and key over all heads and leaves the value alone', async () => {
    const rec = new Recorder({ ...plainCapabilities, isFallback, subgroups });
    const { x, inputs } = inputsOf(rec, 5, 3 * 34, 1);
    await expectAgreement(rec, references, inputs, [queryKeyNorm(rec, x, 1e-5)], { abs: 1e-5, rel: 1e-5 });
  });
});

describe('rmsNorm', () => {
  it('refuses rows that the sequences of its modulation do not divide', () => {
    const rec = new Recorder();
    const { x, values } = inputsOf(rec, 5, 4, 2);
    const parts = { modulation: { values, shift: 0, scale: 1 } };
    expect(() => rmsNorm(rec, x, parts, 1e-5)).toThrow('x: 5 rows are not 2 sequences');
  });
});
