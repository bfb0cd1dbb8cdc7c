import { describe, expect, it } from 'vitest';
import nativeSource from '#shaders/lib/subgroupMatrix.wgsl?raw';
import emulatedSource from '#shaders/testing/emulatedMatrix.wgsl?raw';
import { ModelMemory } from '../gpu/memory.ts';
import { compile } from '../gpu/plan.ts';
import { plainCapabilities, type SubgroupMatrix, type WeightType } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import { expectAgreement, sumTolerance } from '../testing/agreement.ts';
import { testDevice } from '../testing/device.ts';
import { nullDevice } from '../testing/nullDevice.ts';
import { valuesFor } from '../testing/values.ts';
import { activationNumber, type Activation } from './activation.ts';
import { linear } from './linear.ts';
import { linearMatrixFor, type MatrixText } from './linearMatrix.ts';
import * as references from './linear.ref.ts';
import { matrix, optionalParts } from './storedWeights.ts';

type Shape = Pick<SubgroupMatrix, 'rows' | 'columns' | 'terms'>;
const shapes: readonly Shape[] = [
  { rows: 8, columns: 8, terms: 8 },
  { rows: 16, columns: 16, terms: 16 },
  { rows: 8, columns: 16, terms: 32 },
  { rows: 16, columns: 8, terms: 16 },
];
const nameOf = ({ rows, columns, terms }: Shape): string => `${rows} × ${columns} × ${terms}`;
/** What stands in for matrices where subgroups have so many lanes. */
const emulatedFor = (lanes: number): MatrixText => ({
  enables: '',
  source: `const subgroupLanes = ${lanes}u;\n${emulatedSource}`,
  adapt: (source) =>
    source
      .replaceAll(/ < (down|across|across \* down|slab); /g, ' < times($1); ')
      .replace('let firstRow', 'lane = index % subgroupLanes;\n  let firstRow'),
});

interface Options {
  readonly activation?: Activation;
  readonly magnitude?: number;
  readonly weights?: WeightType;
  /** As if subgroups might have been so many times as large as they are. */
  readonly spare?: number;
}

/** The kernel's own text on the test device, with matrices that a lane computes alone. */
async function expectProduct(
  shape: Shape,
  [rows, inWidth, outWidth]: readonly [number, number, number],
  { activation = 'none', magnitude = 1, weights = 'f32', spare = 1 }: Options = {},
): Promise<void> {
  const { capabilities } = await testDevice();
  expect(capabilities.subgroups, 'an adapter with subgroups').toBe(true);
  const rec = new Recorder({ ...plainCapabilities, weights });
  const x = rec.state('x', [rows, inWidth], 'f32');
  const { weight, columnScale } = matrix(rec, 'weight/kernel', [inWidth, outWidth]);
  const bias = rec.weight('bias', [outWidth]);
  const residual = rec.state('residual', [rows, outWidth], 'f32');
  const y = rec.scratch('y', [rows, outWidth]);
  const size = capabilities.subgroupMaxSize;
  const kernel = linearMatrixFor({ ...shape, lanes: spare * size, isExact: false }, emulatedFor(size))(weight);
  const { bound, flags } = optionalParts(weight, { columnScale, bias, residual });
  const constants = { ...flags, activation: activationNumber(activation) };
  rec.run(kernel, { x, weight, ...bound, y }, { rows, inWidth, outWidth }, constants);
  const tensors = [x, weight, columnScale, bias, residual].filter((t) => t !== undefined);
  const inputs = new Map(tensors.map((t, i) => [t, valuesFor(t, i, t === x ? magnitude : 1)]));
  const { abs, rel } = sumTolerance(inWidth, inputs.get(x)!, inputs.get(weight)!);
  await expectAgreement(rec, references, inputs, [y], { abs: 1.2 * abs, rel });
}

// Of three lengths, so that none passes for another.
describe('a product by subgroup matrices', () => {
  it('reads and writes where the reference does', async () => {
    const shape = { rows: 2, columns: 4, terms: 8 };
    await expectProduct(shape, [1, 1, 4]);
    await expectProduct(shape, [65, 37, 132], { magnitude: 800 });
  });

  it('does so with other lengths, weights as files hold them, and subgroups smaller than the adapter’s largest', async () => {
    const options = { spare: 2, weights: 'int8', activation: 'geluTanh' } as const;
    await expectProduct({ rows: 8, columns: 16, terms: 4 }, [70, 33, 68], options);
    await expectProduct({ rows: 16, columns: 8, terms: 32 }, [129, 64, 60], { weights: 'f16' });
  });
});

describe('its text for adapters that have such matrices', () => {
  const cases = shapes.flatMap((shape) =>
    (['f16', 'int8'] as const).map((weights) => [nameOf(shape), weights, shape] as const),
  );

  it.each(cases)('compiles in matrices of %s for weights of %s', async (_, weights, shape) => {
    const { device, capabilities } = await nullDevice();
    const subgroupMatrix: SubgroupMatrix = { ...shape, lanes: 32, isExact: true };
    const target = { ...capabilities, subgroupMatrix, weights, tuned: { '*': 'matrices' } };
    const rec = new Recorder(target);
    linear(rec, rec.scratch('x', [130, 192]), matrix(rec, 'w/kernel', [192, 768]), { activation: 'geluTanh' });
    const program = rec.finish('test');
    expect(program.calls[0]!.kernel.formula).toBe('linearMatrix');
    const memory = new ModelMemory(device, capabilities);
    await expect(compile(memory, { program })).resolves.toBeDefined();
    memory.destroy();
  });

  it('is really checked there: a matrix of another shape does not compile', async () => {
    const { device, capabilities } = await nullDevice();
    const memory = new ModelMemory(device, capabilities);
    const rec = new Recorder();
    const x = rec.scratch('x', [8, 32]);
    const weight = rec.weight('w', [32, 64]);
    const enables = 'enable chromium_experimental_subgroup_matrix;\nenable f16;\n';
    const source = nativeSource.replace('subgroup_matrix_right<f16, matrixCols', 'subgroup_matrix_right<f16, 4');
    expect(source).not.toBe(nativeSource);
    const broken = { enables, source };
    const kernel = linearMatrixFor({ ...shapes[0]!, lanes: 32, isExact: true }, broken)(weight);
    const { bound, flags } = optionalParts(weight, {});
    const params = { rows: 8, inWidth: 32, outWidth: 64 };
    rec.run(kernel, { x, weight, ...bound, y: rec.scratch('y', [8, 64]) }, params, { ...flags, activation: 0 });
    await expect(compile(memory, { program: rec.finish('test') })).rejects.toThrow(/does not compile/);
    memory.destroy();
  });
});
