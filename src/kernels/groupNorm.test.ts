import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement, expectClose, runOnDevice, typed } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { affine } from './affine.ref.ts';
import { groupAffine } from './groupAffine.ref.ts';
import { groupNorm } from './groupNorm.ts';
import { groupStats } from './groupStats.ref.ts';

const references = { affine, groupAffine, groupStats };

function recordNorm(shape: readonly number[], groups: number, spread = 1, mean = 0) {
  const rec = new Recorder();
  const channels = shape.at(-1)!;
  const x = rec.state('x', shape, 'f32');
  const norm = { scale: rec.weight('norm/scale', [channels]), bias: rec.weight('norm/bias', [channels]) };
  const y = rec.keep(groupNorm(rec, x, norm, { groups, groupEps: 1e-6 }, 'silu'));
  const inputs = new Map([
    [x, normal(shape, 1, spread).map((v) => v + mean)],
    [norm.scale, normal([channels], 2)],
    [norm.bias, normal([channels], 3)],
  ]);
  return { rec, inputs, x, y, norm };
}

describe('groupNorm with SiLU', () => {
  it.each([
    { shape: [1, 1, 1], groups: 1, why: 'a single value: variance 0, eps decides' },
    { shape: [3, 3, 4], groups: 2, why: 'one slab' },
    { shape: [7, 9, 32], groups: 32, why: 'groups of one channel, two slabs' },
    { shape: [16, 16, 64], groups: 8, why: 'a level of mini' },
  ])('agrees with the reference on $shape in $groups groups: $why', async ({ shape, groups }) => {
    const { rec, inputs, y } = recordNorm(shape, groups);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('agrees with activations of ±800', async () => {
    const { rec, inputs, y } = recordNorm([9, 7, 8], 2, 800);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('keeps five digits of a spread of 1 about a mean of 100', async () => {
    const { rec, inputs, y } = recordNorm([9, 7, 8], 2, 1, 100);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-4, rel: 1e-5 });
  });

  it('is the textbook formula', async () => {
    const [pixels, channels, groups] = [63, 8, 2];
    const { rec, inputs, x, y, norm } = recordNorm([9, 7, 8], groups, 3, 1);
    const [bytes] = await runOnDevice(rec.finish('test'), inputs, [y]);
    const [values, scale, bias] = [x, norm.scale, norm.bias].map((t) => inputs.get(t)!);
    const expected = Float64Array.from(values!, (v, i) => {
      const group = Math.floor((i % channels) / (channels / groups));
      const members = [...values!].filter((_, j) => Math.floor((j % channels) / (channels / groups)) === group);
      const mean = members.reduce((a, b) => a + b, 0) / members.length;
      const variance = members.reduce((a, b) => a + (b - mean) ** 2, 0) / members.length;
      const normed = ((v - mean) / Math.sqrt(variance + 1e-6)) * scale![i % channels]! + bias![i % channels]!;
      return normed / (1 + Math.exp(-normed));
    });
    expect(expected.length).toBe(pixels * channels);
    expectClose('silu(groupNorm(x))', typed(y, bytes!), expected, { abs: 1e-5, rel: 1e-5 });
  });

  it('refuses a norm of another width', () => {
    const rec = new Recorder();
    const norm = { scale: rec.weight('scale', [8]), bias: rec.weight('bias', [7]) };
    const config = { groups: 2, groupEps: 1e-6 };
    expect(() => groupNorm(rec, rec.scratch('x', [2, 2, 8]), norm, config, 'silu')).toThrow(
      'bias: shape [7] does not fit [8]',
    );
    const wide = { scale: rec.weight('wide', [16]), bias: rec.weight('wideBias', [16]) };
    expect(() => groupNorm(rec, rec.scratch('x', [2, 2, 8]), wide, config, 'silu')).toThrow(
      'shape [2, 16] does not fit [2, 8]',
    );
  });
});
