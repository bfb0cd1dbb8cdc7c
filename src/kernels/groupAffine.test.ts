import { describe, expect, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { groupAffine } from './groupAffine.ts';
import * as references from './groupAffine.ref.ts';

function recordAffine(pixels: number, slabPixels: number, channels: number, groups: number, magnitude = 1) {
  const rec = new Recorder();
  const slabs = Math.ceil(pixels / slabPixels);
  const stats = rec.state('stats', [slabs, groups, 2], 'f32');
  const norm = { scale: rec.weight('scale', [channels]), bias: rec.weight('bias', [channels]) };
  const y = groupAffine(rec, { stats, pixels, slabPixels }, norm, 1e-6);
  const inputs = new Map([
    // Means of any sign; sums of squares are positive.
    [stats, normal(stats.shape, 1, magnitude).map((v, i) => (i % 2 === 0 ? v : v * v * slabPixels))],
    [norm.scale, normal([channels], 2)],
    [norm.bias, normal([channels], 3)],
  ]);
  return { rec, inputs, y };
}

describe('groupAffine', () => {
  it.each([
    { pixels: 1, slabPixels: 32, channels: 1, groups: 1, why: 'one pixel, one channel' },
    { pixels: 33, slabPixels: 32, channels: 5, groups: 5, why: 'a last slab of one pixel' },
    { pixels: 64, slabPixels: 32, channels: 65, groups: 13, why: 'more channels than threads' },
    { pixels: 2048, slabPixels: 4, channels: 32, groups: 8, why: 'as many slabs as there can be' },
  ])('agrees with the reference on $pixels pixels, $channels channels: $why', async (c) => {
    const { rec, inputs, y } = recordAffine(c.pixels, c.slabPixels, c.channels, c.groups);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('agrees with means of ±800', async () => {
    const { rec, inputs, y } = recordAffine(100, 32, 8, 2, 800);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-5 });
  });

  it('refuses a bias of another width than the scale', () => {
    const rec = new Recorder();
    const stats = { stats: rec.scratch('stats', [1, 2, 2]), pixels: 4, slabPixels: 32 };
    const norm = { scale: rec.weight('scale', [8]), bias: rec.weight('bias', [7]) };
    expect(() => groupAffine(rec, stats, norm, 1e-6)).toThrow('bias: shape [7] does not fit [8]');
  });
});
