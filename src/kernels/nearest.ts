import source from '#shaders/nearest.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, sizeOf, type Tensor } from '../program/tensor.ts';

export const nearestKernel = defineKernel({
  name: 'nearest',
  source,
  buffers: { latent: 'read', codebook: 'read', tokens: 'read_write', margins: 'read_write' },
  params: { positions: 'u32', entries: 'u32', embedding: 'u32' },
  workgroups: ({ positions }) => [positions],
  operations: ({ positions, entries, embedding }) => 3 * positions * entries * embedding,
});

/** The codebook entry of every position, and how clear the choice was. */
export interface Quantised {
  /** [...grid] i32 */
  readonly tokens: Tensor;
  /** [...grid] f32: squared distance of the second nearest entry minus that of the nearest. */
  readonly margins: Tensor;
}

/** Nearest codebook entries of latent [...grid, embedding], the first of equals. */
export function nearest(rec: Recorder, latent: Tensor, codebook: Tensor): Quantised {
  const [entries, embedding] = expectShape(codebook, ['entries', 'embedding']) as [number, number];
  const grid = latent.shape.slice(0, -1);
  expectShape(latent, [...grid, embedding]);
  const tokens = rec.scratch(`${latent.label}.tokens`, grid, 'i32');
  const margins = rec.scratch(`${latent.label}.margins`, grid);
  rec.run(nearestKernel, { latent, codebook, tokens, margins }, { positions: sizeOf(grid), entries, embedding });
  return { tokens, margins };
}
