import source from '#shaders/groupStats.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

/** Pixels of a slab in small images, and the most slabs of a large one: groupAffine reads them all for each channel. */
const SLAB_PIXELS = 32;
const MAX_SLABS = 512;

export const groupStatsKernel = defineKernel({
  name: 'groupStats',
  source,
  buffers: { x: 'read', stats: 'read_write' },
  params: { pixels: 'u32', channels: 'u32', groups: 'u32', slabs: 'u32', slabPixels: 'u32' },
  workgroups: ({ slabs, groups }) => [Math.ceil((slabs * groups) / 64)],
  operations: ({ pixels, channels }) => 4 * pixels * channels,
});

/** Means and summed squares of slabs of an image, by group. */
export interface GroupStats {
  /** [slabs, groups, 2] f32 */
  readonly stats: Tensor;
  readonly pixels: number;
  readonly slabPixels: number;
}

/** Statistics of x [height, width, channels] over slabs of pixels and groups of consecutive channels. */
export function groupStats(rec: Recorder, x: Tensor, groups: number): GroupStats {
  const [height, width, channels] = expectShape(x, ['height', 'width', 'channels']) as [number, number, number];
  if (channels % groups !== 0) throw new Error(`${x.label}: ${channels} channels cannot be ${groups} groups`);
  const pixels = height * width;
  const slabPixels = Math.max(SLAB_PIXELS, Math.ceil(pixels / MAX_SLABS));
  const slabs = Math.ceil(pixels / slabPixels);
  const stats = rec.scratch(`${x.label}.stats`, [slabs, groups, 2]);
  rec.run(groupStatsKernel, { x, stats }, { pixels, channels, groups, slabs, slabPixels });
  return { stats, pixels, slabPixels };
}
