import { describe, expect, it } from 'vitest';
import { plainCapabilities, type Target, type WeightType } from '../program/capabilities.ts';
import { interpret } from '../program/interpret.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectClose, maxAbs, nmse, runOnDevice, typed } from '../testing/agreement.ts';
import { testDevice } from '../testing/device.ts';
import { valuesFor } from '../testing/values.ts';
import { conv2d, convWeights } from './conv2d.ts';
import * as convReferences from './conv2d.ref.ts';
import { linear } from './linear.ts';
import * as linearReferences from './linear.ref.ts';
import { matrix } from './storedWeights.ts';

const variants = ['64 × 64 in f16', '128 × 64 in f16'];
const weightTypes: readonly WeightType[] = ['f16', 'int8'];

/** Run what was recorded where terms are f16, and compare with the references as engine.md allows f16: 2e-3, NMSE 1e-5. */
async function expectHalfAgreement(
  [variant, weights]: readonly [string, WeightType],
  magnitude: number,
  record: (rec: Recorder) => Tensor,
): Promise<void> {
  const target: Target = { ...plainCapabilities, f16: true, weights, tuned: { '*': variant } };
  const rec = new Recorder(target);
  const y = rec.keep(record(rec));
  const program = rec.finish('half');
  expect(program.calls[0]!.kernel.name, 'no other variant in its place').toMatch(/\.half\./);
  const given = program.tensors.filter(({ role }) => role !== 'scratch');
  const inputs = new Map(given.map((t, i) => [t, valuesFor(t, i, t.label === 'x' ? magnitude : 1)]));
  const references = { ...linearReferences, ...convReferences };
  const doubles = new Map([...inputs].map(([t, values]) => [t.label, Float64Array.from(values)]));
  const expected = interpret(program, references, doubles).get(y.storage)!;
  const [bytes] = await runOnDevice(program, inputs, [y]);
  const actual = typed(y, bytes!);
  expectClose(y.label, actual, expected, { abs: 2e-3 * maxAbs(expected), rel: 2e-3 });
  expect(nmse(actual, expected)).toBeLessThan(1e-5);
  expect(nmse(actual, expected), 'the terms were f16').toBeGreaterThan(1e-10);
}

describe('products of f16 terms with sums in f32', () => {
  it('run on the adapter of the tests', async () => {
    expect((await testDevice()).capabilities.f16, 'the software Vulkan of the tests has f16').toBe(true);
  });

  const kinds = variants.flatMap((variant) => weightTypes.map((type) => [variant, type] as const));

  it.each(kinds)('agree with the reference of linear within what f16 rounds: %s, %s weights', async (...kind) => {
    for (const [rows, terms, columns, magnitude] of [
      [1, 3, 8, 1],
      [65, 85, 132, 1],
      [130, 192, 576, 1],
      [33, 64, 68, 800],
    ] as const) {
      await expectHalfAgreement(kind, magnitude, (rec) =>
        linear(rec, rec.state('x', [rows, terms], 'f32'), matrix(rec, 'w/kernel', [terms, columns])),
      );
    }
  });

  it.each(kinds)('agree with the reference of conv2d within what f16 rounds: %s, %s weights', async (...kind) => {
    for (const shape of [
      { side: [5, 27], inChannels: 17, outChannels: 68, magnitude: 1 },
      { side: [6, 11], inChannels: 20, outChannels: 36, upsample: true, magnitude: 800 },
      { side: [9, 14], inChannels: 32, outChannels: 32, downsample: true, magnitude: 1 },
    ] as const) {
      const { side, magnitude, ...channels } = shape;
      await expectHalfAgreement(kind, magnitude, (rec) => {
        const x = rec.state('x', [...side, channels.inChannels], 'f32');
        return conv2d(rec, x, convWeights(rec, 'c', { size: 3, hasBias: true, ...channels }));
      });
    }
  });
});
