import { describe, expect, it } from 'vitest';
import { plainCapabilities, type WeightType } from '../program/capabilities.ts';
import { costOf } from '../program/cost.ts';
import { emptyValues } from '../program/interpret.ts';
import { Recorder } from '../program/program.ts';
import { prepareWeight, type WeightRecipe } from '../program/recipe.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, expectClose, sumTolerance, type Inputs } from '../testing/agreement.ts';
import { asHalf, normal, valuesFor } from '../testing/values.ts';
import { conv2d, convWeights, type ConvShape } from './conv2d.ts';
import * as references from './conv2d.ref.ts';
import { conv2d as conv2dReference } from './conv2d.ref.ts';
import { productVariants, type ProductVariant } from './productTile.ts';

type Side = readonly [height: number, width: number];
interface Case extends ConvShape {
  readonly side: Side;
  readonly hasResidual: boolean;
}

function recordConv(
  { side: [height, width], hasResidual, ...shape }: Case,
  magnitude = 1,
  isFallback = true,
  type: WeightType = 'f32',
  variant?: ProductVariant,
) {
  const { size, inChannels, outChannels, upsample, downsample } = shape;
  const tuned = variant && { tuned: { '*': variant } };
  const rec = new Recorder({ ...plainCapabilities, isFallback, weights: type, ...tuned });
  const x = rec.state('x', [height, width, inChannels], 'f32');
  const out = (side: number): number => (upsample ? 2 * side : downsample ? Math.floor(side / 2) : side);
  const residual = hasResidual ? rec.state('residual', [out(height), out(width), outChannels], 'f32') : undefined;
  const weights = convWeights(rec, 'conv', shape);
  const y = conv2d(rec, x, weights, residual);
  const shapeInFile = [size, size, inChannels, outChannels];
  const dtype = ({ f32: 'f32', f16: 'f16', int8: 'i8' } as const)[type];
  const stored = { shape: shapeInFile, values: valuesFor({ shape: shapeInFile, dtype }, 2) };
  const recipe: WeightRecipe = rec.finish('weights').recipes.get(weights.weight.label)!;
  const prepared = prepareWeight(recipe, [stored]) as Float32Array<ArrayBuffer>;
  const kernel = weights.weight.dtype === 'f16' ? prepared.map(asHalf) : prepared;
  const inputs: Inputs = new Map<Tensor, Float32Array<ArrayBuffer>>([
    [x, normal(x.shape, 1, magnitude)],
    [weights.weight, kernel],
    ...(weights.columnScale ? [[weights.columnScale, normal(weights.columnScale.shape, 5, 0.01)] as const] : []),
    ...(weights.bias ? [[weights.bias, normal([outChannels], 3)] as const] : []),
    ...(residual ? [[residual, normal(residual.shape, 4, magnitude)] as const] : []),
  ]);
  const terms = size * size * inChannels + 2;
  return { rec, inputs, y, stored, x: inputs.get(x)!, tolerance: sumTolerance(terms, inputs.get(x)!, kernel) };
}

/** The variants for software adapters and for hardware. */
async function expectBothAgree(shape: Case, magnitude?: number): Promise<void> {
  for (const isFallback of [true, false]) {
    const { rec, inputs, y, tolerance } = recordConv(shape, magnitude, isFallback);
    await expectAgreement(rec, references, inputs, [y], tolerance);
  }
}

const plain = { hasBias: true, hasResidual: false } as const;

describe('conv2d', () => {
  it.each<Case & { why: string }>([
    { ...plain, side: [1, 1], size: 1, inChannels: 1, outChannels: 1, why: 'a single value' },
    { ...plain, side: [1, 1], size: 3, inChannels: 3, outChannels: 3, why: 'all taps but one outside' },
    { ...plain, side: [1, 9], size: 3, inChannels: 4, outChannels: 5, why: 'one row, one pixel over a tile' },
    { ...plain, side: [7, 5], size: 3, inChannels: 5, outChannels: 4, why: 'odd everywhere' },
    { ...plain, side: [6, 6], size: 1, inChannels: 32, outChannels: 16, why: 'the encoder’s last, 1 × 1' },
    { ...plain, side: [5, 17], size: 3, inChannels: 3, outChannels: 32, why: 'the encoder’s first' },
    { ...plain, side: [9, 8], size: 3, inChannels: 32, outChannels: 3, why: 'the decoder’s last' },
    {
      side: [8, 8],
      size: 3,
      inChannels: 64,
      outChannels: 64,
      hasBias: false,
      hasResidual: true,
      why: 'residual, no bias',
    },
    { side: [3, 3], size: 1, inChannels: 40, outChannels: 40, hasBias: true, hasResidual: true, why: 'five blocks' },
    { ...plain, side: [5, 7], size: 3, inChannels: 20, outChannels: 68, why: 'slabs, pixels and channels left over' },
    {
      ...plain,
      side: [3, 11],
      size: 3,
      inChannels: 7,
      outChannels: 24,
      why: 'three blocks, two of them across a group',
    },
  ])('agrees with the reference at $side, $size², $inChannels → $outChannels: $why', async (shape) => {
    await expectBothAgree(shape);
  });

  it.each(productVariants)('agrees with the reference in every variant that tuning may choose: %s', async (variant) => {
    const odd = { ...plain, side: [5, 27], size: 3, inChannels: 5, outChannels: 68, hasResidual: true } as const;
    const enlarged = { ...plain, side: [6, 11], size: 3, inChannels: 20, outChannels: 36, upsample: true } as const;
    const halved = { ...plain, side: [9, 14], size: 3, inChannels: 8, outChannels: 8, downsample: true } as const;
    for (const shape of [odd, enlarged, halved]) {
      const { rec, inputs, y, tolerance } = recordConv(shape, 1, true, 'f32', variant);
      await expectAgreement(rec, references, inputs, [y], tolerance);
    }
  });

  it.each<Case>([
    { ...plain, side: [1, 1], size: 3, inChannels: 1, outChannels: 1, upsample: true },
    { ...plain, side: [3, 5], size: 3, inChannels: 5, outChannels: 3, upsample: true },
    { side: [4, 9], size: 3, inChannels: 32, outChannels: 32, hasBias: false, hasResidual: true, upsample: true },
    { side: [5, 7], size: 3, inChannels: 16, outChannels: 40, hasBias: true, hasResidual: true, upsample: true },
  ])('agrees with the reference at $side, enlarged twofold, $inChannels → $outChannels', async (shape) => {
    await expectBothAgree(shape);
  });

  it.each<Case>([
    { ...plain, side: [2, 2], size: 3, inChannels: 1, outChannels: 1, downsample: true },
    { ...plain, side: [5, 7], size: 3, inChannels: 5, outChannels: 3, downsample: true },
    { side: [6, 34], size: 3, inChannels: 8, outChannels: 16, hasBias: false, hasResidual: true, downsample: true },
    { side: [9, 7], size: 3, inChannels: 24, outChannels: 36, hasBias: true, hasResidual: true, downsample: true },
  ])('agrees with the reference at $side, halved, $inChannels → $outChannels', async (shape) => {
    await expectBothAgree(shape);
  });

  it.each<WeightType>(['f16', 'int8'])('reads weights as files hold them: %s', async (type) => {
    const shape = { hasBias: true, hasResidual: true, side: [5, 7], size: 3, inChannels: 17 } as const;
    for (const isFallback of [true, false]) {
      for (const extra of [{ outChannels: 36 }, { outChannels: 3 }, { outChannels: 32, upsample: true }]) {
        const { rec, inputs, y, tolerance } = recordConv({ ...shape, ...extra }, 1, isFallback, type);
        await expectAgreement(rec, references, inputs, [y], tolerance);
      }
    }
  });

  it('halves with zeros at the right and at the bottom only', () => {
    const shape = { ...plain, side: [2, 2], size: 3, inChannels: 1, outChannels: 8, downsample: true } as const;
    const { rec, inputs, x, stored } = recordConv({ ...shape, hasBias: false });
    const { tensors, params, constants } = rec.finish('test').calls[0]!;
    const y = emptyValues('f32', [1, 1, 8]);
    const kernel = Float64Array.from(inputs.get(tensors['kernel']!)!);
    conv2dReference({ x: Float64Array.from(x), kernel, y }, params, constants);
    const tap = (i: number, j: number): number => stored.values[(3 * i + j) * 8]!;
    expect(y[0]).toBeCloseTo(x[0]! * tap(0, 0) + x[1]! * tap(0, 1) + x[2]! * tap(1, 0) + x[3]! * tap(1, 1), 6);
  });

  it('agrees with activations of ±800', async () => {
    const shape = { ...plain, side: [4, 6], size: 3, inChannels: 32, outChannels: 32, hasResidual: true } as const;
    await expectBothAgree(shape, 800);
  });

  it('computes the same with four phases as by enlarging the image and convolving that', () => {
    const [height, width, inChannels, outChannels] = [3, 4, 5, 6];
    const shape = { size: 3, inChannels, outChannels, hasBias: false, hasResidual: false } as const;
    const phases = recordConv({ ...shape, side: [height, width], upsample: true });
    const enlarged = new Float64Array(4 * height * width * inChannels);
    for (let i = 0; i < enlarged.length; i++) {
      const [row, col] = [Math.floor(i / inChannels / (2 * width)), Math.floor(i / inChannels) % (2 * width)];
      const at = ((row >> 1) * width + (col >> 1)) * inChannels + (i % inChannels);
      enlarged[i] = phases.x[at]!;
    }
    const whole = recordConv({ ...shape, side: [2 * height, 2 * width] });
    const run = ({ rec, inputs, y }: ReturnType<typeof recordConv>, x?: Float64Array) => {
      const { tensors, params, constants } = rec.finish('test').calls[0]!;
      const out = emptyValues('f32', y.shape);
      const kernel = Float64Array.from(inputs.get(tensors['kernel']!)!);
      const given = x ?? Float64Array.from(inputs.get(tensors['x']!)!);
      conv2dReference({ x: given, kernel, y: out }, params, constants);
      return out;
    };
    expectClose('phases', run(phases), run(whole, enlarged), { abs: 1e-5, rel: 0 });
    const operations = (r: Recorder) => costOf(r.finish('test')).operations;
    expect(operations(whole.rec) / operations(phases.rec)).toBe(2.25);
  });

  it('goes through workgroup memory on hardware where its channels fill a tile', () => {
    const shape = { ...plain, side: [4, 4], size: 3, inChannels: 16, outChannels: 32 } as const;
    const kernelOf = ({ rec }: ReturnType<typeof recordConv>): string => rec.finish('test').calls[0]!.kernel.name;
    expect(kernelOf(recordConv(shape, 1, false))).toBe('conv2dTiled');
    expect(kernelOf(recordConv(shape, 1, true))).toBe('conv2d');
    expect(kernelOf(recordConv({ ...shape, outChannels: 3 }, 1, false))).toBe('conv2d');
  });

  it('refuses an input, a bias or a residual of another shape', () => {
    const rec = new Recorder();
    const shape = { size: 3, inChannels: 4, outChannels: 8, hasBias: false } as const;
    const weights = convWeights(rec, 'conv', shape);
    expect(() => conv2d(rec, rec.scratch('x', [2, 2, 5]), weights)).toThrow(
      'conv/kernel: shape [3, 3, 4, 8] does not fit',
    );
    const bias = rec.weight('bias', [7]);
    expect(() => conv2d(rec, rec.scratch('x', [2, 2, 4]), { ...weights, bias })).toThrow(
      'bias: shape [7] does not fit [8]',
    );
    const residual = rec.scratch('r', [2, 3, 8]);
    expect(() => conv2d(rec, rec.scratch('x', [2, 2, 4]), weights, residual)).toThrow(
      'r: shape [2, 3, 8] does not fit',
    );
  });
});
