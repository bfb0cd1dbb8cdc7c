import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { groupStats } from './groupStats.ts';
import * as references from './groupStats.ref.ts';

function recordStats([height, width, channels]: readonly number[], groups: number, magnitude = 1) {
  const rec = new Recorder();
  const x = rec.state('x', [height!, width!, channels!], 'f32');
  const { stats } = groupStats(rec, x, groups);
  return { rec, inputs: new Map([[x, normal(x.shape, 1, magnitude)]]), y: stats };
}

describe('groupStats', () => {
  it.each([
    { shape: [1, 1, 1], groups: 1, why: 'a single value' },
    { shape: [3, 11, 5], groups: 5, why: 'one pixel over a slab, groups of one channel' },
    { shape: [7, 9, 32], groups: 8, why: 'the last slab shorter' },
    { shape: [16, 16, 64], groups: 32, why: 'more slabs × groups than threads' },
  ])('agrees with the reference on $shape in $groups groups: $why', async ({ shape, groups }) => {
    const { rec, inputs, y } = recordStats(shape, groups);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-6, rel: 1e-5 });
  });

  it('agrees with activations of ±800', async () => {
    const { rec, inputs, y } = recordStats([5, 7, 8], 2, 800);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-3, rel: 1e-5 });
  });

  it('never makes more slabs than the next kernel can read at ease', () => {
    const { y } = recordStats([512, 512, 4], 2);
    expect(y.shape).toEqual([512, 2, 2]);
  });

  it('refuses channels that are no whole groups', () => {
    expect(() => recordStats([2, 2, 30], 8)).toThrow('x: 30 channels cannot be 8 groups');
  });
});
