import { describe, expect, it } from 'vitest';
import { plainCapabilities, type Capabilities } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { layerNorm } from './layerNorm.ts';
import * as references from './layerNorm.ref.ts';

type Kind = Pick<Capabilities, 'isFallback' | 'subgroups'>;

function recordLayerNorm(rows: number, cols: number, kind: Kind, magnitude = 1) {
  const rec = new Recorder({ ...plainCapabilities, ...kind });
  const x = rec.state('x', [rows, cols], 'f32');
  const affine = { scale: rec.weight('scale', [cols]), bias: rec.weight('bias', [cols]) };
  const y = layerNorm(rec, x, affine, 1e-5);
  const inputs = new Map([
    [x, normal(x.shape, 1, magnitude)],
    [affine.scale, normal([cols], 2)],
    [affine.bias, normal([cols], 3)],
  ]);
  return { rec, inputs, y };
}

describe.each([
  { isFallback: false, subgroups: false, by: 'workgroup' },
  { isFallback: false, subgroups: true, by: 'subgroups' }, // Mesa's software Vulkan has them
  { isFallback: true, subgroups: false, by: 'row' },
])('layerNorm by $by', ({ isFallback, subgroups }) => {
  it.each([
    { rows: 1, cols: 1, why: 'a single value' },
    { rows: 3, cols: 63, why: 'fewer columns than threads' },
    { rows: 3, cols: 65, why: 'one more column than threads' },
    { rows: 65, cols: 192, why: 'mini: 8 × 8 tokens and the class' },
  ])('agrees with the reference on [$rows, $cols]: $why', async ({ rows, cols }) => {
    const { rec, inputs, y } = recordLayerNorm(rows, cols, { isFallback, subgroups });
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('agrees with activations of ±800', async () => {
    const { rec, inputs, y } = recordLayerNorm(3, 100, { isFallback, subgroups }, 800);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('gives the bias where all values of a row are equal', async () => {
    const { rec, inputs, y } = recordLayerNorm(9, 70, { isFallback, subgroups });
    for (const [tensor, values] of inputs) if (tensor.label === 'x') values.fill(3);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('refuses a scale of another width', () => {
    const rec = new Recorder();
    const wrong = { scale: rec.weight('scale', [7]), bias: rec.weight('bias', [8]) };
    expect(() => layerNorm(rec, rec.scratch('x', [2, 8]), wrong, 1e-5)).toThrow('scale: shape [7] does not fit [8]');
  });
});
