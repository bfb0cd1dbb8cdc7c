import { describe, expect, it } from 'vitest';
import { plainCapabilities, type WeightType } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import { expectAgreement, sumTolerance, type Tolerance } from '../testing/agreement.ts';
import { valuesFor } from '../testing/values.ts';
import { activationReferences, erf } from './activation.ref.ts';
import type { Activation } from './activation.ts';
import { linear } from './linear.ts';
import * as references from './linear.ref.ts';
import { productVariants, type ProductVariant } from './productTile.ts';
import { matrix } from './storedWeights.ts';

interface Options {
  readonly isFallback?: boolean;
  readonly activation?: Activation;
  readonly bias?: boolean;
  readonly residual?: boolean;
  readonly magnitude?: number;
  readonly weights?: WeightType;
  readonly variant?: ProductVariant;
}

async function expectProduct(rows: number, inWidth: number, outWidth: number, options: Options = {}) {
  const { isFallback = true, activation = 'none', magnitude = 1, weights = 'f32', variant } = options;
  const rec = new Recorder({ ...plainCapabilities, isFallback, weights, ...(variant && { tuned: { '*': variant } }) });
  const x = rec.state('x', [rows, inWidth], 'f32');
  const { weight, columnScale } = matrix(rec, 'weight/kernel', [inWidth, outWidth]);
  const bias = options.bias ? rec.weight('bias', [outWidth]) : undefined;
  const residual = options.residual ? rec.state('residual', [rows, outWidth], 'f32') : undefined;
  const dense = { weight, ...(columnScale && { columnScale }), ...(bias && { bias }) };
  const y = linear(rec, x, dense, { activation, ...(residual && { residual }) });
  const tensors = [x, weight, columnScale, bias, residual].filter((t) => t !== undefined);
  const inputs = new Map(tensors.map((t, i) => [t, valuesFor(t, i, t === x ? magnitude : 1)]));
  // Activations are 1.1 steep at most.
  const { abs, rel }: Tolerance = sumTolerance(inWidth, inputs.get(x)!, inputs.get(weight)!);
  await expectAgreement(rec, references, inputs, [y], { abs: 1.2 * abs, rel });
}

describe('linear', () => {
  it.each([
    { shape: [1, 1, 1], why: 'one number' },
    { shape: [7, 3, 5], why: 'less than a tile' },
    { shape: [9, 5, 65], why: 'one row and one column more than a tile' },
    { shape: [63, 17, 63], why: 'one row and one column less than a workgroup' },
    { shape: [65, 85, 129], why: 'one row more than a workgroup of a GPU' },
    { shape: [65, 85, 132], why: 'terms that fill no slab, one row and four columns more than a tile' },
    { shape: [61, 16, 32], why: 'columns of a narrow tile, exactly' },
    { shape: [1000, 19, 1000], why: 'enough for large tiles' },
    { shape: [130, 192, 576], why: 'mini: query, key and value of two sequences' },
  ])('agrees with the reference on $shape: $why', async ({ shape: [rows, inWidth, outWidth] }) => {
    await expectProduct(rows!, inWidth!, outWidth!, { isFallback: true });
    await expectProduct(rows!, inWidth!, outWidth!, { isFallback: false });
  });

  it.each<Activation>(['none', 'geluTanh', 'geluErf', 'silu'])(
    'adds bias and residual around %s',
    async (activation) => {
      for (const isFallback of [true, false]) {
        await expectProduct(11, 64, 68, { isFallback, activation, bias: true, residual: true });
        await expectProduct(11, 64, 68, { isFallback, activation, bias: true });
        await expectProduct(11, 64, 68, { isFallback, activation, residual: true });
      }
    },
  );

  it.each<Activation>(['none', 'geluTanh', 'geluErf', 'silu'])('survives ±800 into %s', async (activation) => {
    await expectProduct(9, 33, 20, { activation, bias: true, residual: true, magnitude: 800 });
    await expectProduct(9, 33, 40, { isFallback: false, activation, bias: true, residual: true, magnitude: 800 });
  });

  it.each<WeightType>(['f16', 'int8'])('reads weights as files hold them: %s', async (weights) => {
    for (const isFallback of [true, false]) {
      await expectProduct(9, 17, 68, { isFallback, weights, bias: true, residual: true, activation: 'geluTanh' });
      await expectProduct(65, 16, 32, { isFallback, weights });
      await expectProduct(3, 5, 6, { isFallback, weights }); // no whole vectors: widened
    }
  });

  it.each(productVariants)('agrees with the reference in every variant that tuning may choose: %s', async (variant) => {
    await expectProduct(1, 3, 4, { variant });
    await expectProduct(129, 37, 68, { variant, bias: true, residual: true, activation: 'geluTanh', weights: 'int8' });
    await expectProduct(33, 64, 132, { variant, magnitude: 800 });
  });

  it('goes through workgroup memory on hardware, and never on a software adapter', () => {
    const kernelFor = (isFallback: boolean, outWidth: number): string => {
      const rec = new Recorder({ ...plainCapabilities, isFallback });
      linear(rec, rec.scratch('x', [8, 64]), { weight: rec.weight('w', [64, outWidth]) });
      return rec.finish('test').calls[0]!.kernel.name;
    };
    expect(kernelFor(false, 64)).toBe('linearTiled');
    expect(kernelFor(true, 64)).toBe('linearBlocks');
    expect(kernelFor(false, 66)).toBe('linear'); // its columns are no whole vectors
  });

  it('refuses shapes that do not fit, by name', () => {
    const rec = new Recorder();
    const x = rec.scratch('x', [2, 8]);
    expect(() => linear(rec, x, { weight: rec.weight('w', [7, 3]) })).toThrow('w: shape [7, 3] does not fit');
    const weight = rec.weight('v', [8, 3]);
    expect(() => linear(rec, x, { weight, bias: rec.weight('b', [4]) })).toThrow('b: shape [4] does not fit [3]');
    const residual = rec.scratch('h', [3, 3]);
    expect(() => linear(rec, x, { weight }, { residual })).toThrow('h: shape [3, 3] does not fit [2, 3]');
  });
});

describe('the reference of GELU', () => {
  it('has the error function of the tables', () => {
    const table = [
      [0, 0],
      [0.5, 0.5204998778130465],
      [1, 0.8427007929497149],
      [2, 0.9953222650189527],
      [3, 0.9999779095030014],
      [-1, -0.8427007929497149],
      [40, 1],
    ] as const;
    for (const [x, y] of table) expect(erf(x)).toBeCloseTo(y, 14);
  });

  it('has two forms that differ, but by less than a thousandth', () => {
    const [, tanhForm, erfForm] = activationReferences;
    const differences = Array.from({ length: 100 }, (_, i) =>
      Math.abs(tanhForm!(i / 20 - 2.5) - erfForm!(i / 20 - 2.5)),
    );
    expect(Math.max(...differences)).toBeGreaterThan(1e-4);
    expect(Math.max(...differences)).toBeLessThan(1e-3);
  });
});
