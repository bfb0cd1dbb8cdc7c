import { describe, expect, it } from 'vitest';
import { plainCapabilities, type WeightType } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import { expectAgreement, sumTolerance } from '../testing/agreement.ts';
import { valuesFor } from '../testing/values.ts';
import type { Activation } from './activation.ts';
import * as linearReferences from './linear.ref.ts';
import { rowLinear } from './rowLinear.ts';
import * as rowReferences from './rowLinear.ref.ts';
import { matrix } from './storedWeights.ts';

const references = { ...linearReferences, ...rowReferences };

interface Options {
  readonly isFallback: boolean;
  readonly activation?: Activation;
  readonly hasMore?: boolean;
  readonly magnitude?: number;
  readonly weights?: WeightType;
}

async function expectProduct(rows: number, inWidth: number, outWidth: number, options: Options) {
  const { isFallback, activation = 'none', magnitude = 1, weights = 'f32', hasMore = false } = options;
  const rec = new Recorder({ ...plainCapabilities, isFallback, weights });
  const x = rec.state('x', [rows, inWidth], 'f32');
  const { weight, columnScale } = matrix(rec, 'weight/kernel', [inWidth, outWidth]);
  const bias = hasMore ? rec.weight('bias', [outWidth]) : undefined;
  const residual = hasMore ? rec.state('residual', [rows, outWidth], 'f32') : undefined;
  const dense = { weight, ...(columnScale && { columnScale }), ...(bias && { bias }) };
  const y = rowLinear(rec, x, dense, { activation, ...(residual && { residual }) });
  const tensors = [x, weight, columnScale, bias, residual].filter((t) => t !== undefined);
  const inputs = new Map(tensors.map((t, i) => [t, valuesFor(t, i, t === x ? magnitude : 1)]));
  // Activations are 1.1 steep at most.
  const { abs, rel } = sumTolerance(inWidth, inputs.get(x)!, inputs.get(weight)!);
  await expectAgreement(rec, references, inputs, [y], { abs: 1.2 * abs, rel });
}

describe.each([
  { isFallback: false, by: 'parts of the sum' },
  { isFallback: true, by: 'blocks of columns' },
])('rowLinear by $by', ({ isFallback }) => {
  it.each([
    { shape: [1, 1, 4], why: 'four numbers' },
    { shape: [1, 31, 28], why: 'a term and a block less than a workgroup' },
    { shape: [2, 33, 36], why: 'a term and a block more than a workgroup' },
    { shape: [2, 5, 132], why: 'fewer terms than threads that share them' },
    { shape: [3, 64, 68], why: 'a pair and a half' },
    { shape: [2, 192, 576], why: 'mini: query, key and value, guided' },
    { shape: [1, 768, 192], why: 'mini: back from the hidden layer' },
    { shape: [1, 3, 6], why: 'columns that do not come in fours' },
  ])('agrees with the reference on $shape: $why', async ({ shape: [rows, inWidth, outWidth] }) => {
    await expectProduct(rows!, inWidth!, outWidth!, { isFallback });
  });

  it.each<Activation>(['none', 'geluTanh', 'geluErf', 'silu'])(
    'adds bias and residual around %s, up to ±800',
    async (activation) => {
      for (const magnitude of [1, 800]) {
        await expectProduct(2, 64, 68, { isFallback, activation, hasMore: true, magnitude });
        await expectProduct(1, 64, 68, { isFallback, activation, hasMore: true, magnitude });
      }
    },
  );

  it.each<WeightType>(['f16', 'int8'])('reads weights as files hold them: %s', async (weights) => {
    await expectProduct(1, 17, 68, { isFallback, weights, hasMore: true, activation: 'geluTanh' });
    await expectProduct(2, 65, 32, { isFallback, weights });
  });
});

describe('rowLinear', () => {
  it('refuses shapes that do not fit, by name', () => {
    const rec = new Recorder();
    const x = rec.scratch('x', [2, 8]);
    expect(() => rowLinear(rec, x, { weight: rec.weight('w', [7, 4]) })).toThrow('w: shape [7, 4] does not fit');
    const weight = rec.weight('v', [8, 4]);
    expect(() => rowLinear(rec, x, { weight, bias: rec.weight('b', [3]) })).toThrow('b: shape [3] does not fit [4]');
    const residual = rec.scratch('h', [3, 4]);
    expect(() => rowLinear(rec, x, { weight }, { residual })).toThrow('h: shape [3, 4] does not fit [2, 4]');
  });
});
