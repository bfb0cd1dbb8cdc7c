import source from '#shaders/groupAffine.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import type { GroupStats } from './groupStats.ts';
import type { Affine } from './layerNorm.ts';

export const groupAffineKernel = defineKernel({
  name: 'groupAffine',
  source,
  buffers: { stats: 'read', scale: 'read', bias: 'read', affine: 'read_write' },
  params: { pixels: 'u32', channels: 'u32', groups: 'u32', slabs: 'u32', slabPixels: 'u32', eps: 'f32' },
  workgroups: ({ channels }) => [Math.ceil(channels / 64)],
  operations: ({ channels, slabs }) => 7 * channels * slabs,
});

/** Group norm as one multiply-add a channel, [2, channels]: from the statistics of the slabs and scale, bias [channels]. */
export function groupAffine(
  rec: Recorder,
  { stats, pixels, slabPixels }: GroupStats,
  { scale, bias }: Affine,
  eps: number,
): Tensor {
  const [slabs, groups] = expectShape(stats, ['slabs', 'groups', 2]) as [number, number];
  const [channels] = expectShape(scale, ['channels']) as [number];
  expectShape(bias, [channels]);
  const affine = rec.scratch(`${scale.label.replace(/\/scale$/, '')}.affine`, [2, channels]);
  rec.run(groupAffineKernel, { stats, scale, bias, affine }, { pixels, channels, groups, slabs, slabPixels, eps });
  return affine;
}
