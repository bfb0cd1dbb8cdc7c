import elementsSource from '#shaders/lib/elements.wgsl?raw';
import source from '#shaders/averagePool.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

const half = Math.floor;

export const averagePoolKernel = defineKernel({
  name: 'averagePool',
  source: elementsSource + source,
  buffers: { x: 'read', y: 'read_write' },
  params: { height: 'u32', width: 'u32', channels: 'u32' },
  workgroups: ({ height, width, channels }) => elementGroups(half(height / 2) * half(width / 2) * channels),
  operations: ({ height, width, channels }) => 4 * half(height / 2) * half(width / 2) * channels,
});

/** Means of 2 × 2 pixels: x [height, width, channels] to half the sides; an odd last row or column is left out. */
export function averagePool(rec: Recorder, x: Tensor): Tensor {
  const [height, width, channels] = expectShape(x, ['height', 'width', 'channels']) as [number, number, number];
  if (height < 2 || width < 2) throw new Error(`${x.label}: ${height} × ${width} pixels cannot be halved`);
  const y = rec.scratch(`${x.label}.half`, [half(height / 2), half(width / 2), channels]);
  rec.run(averagePoolKernel, { x, y }, { height, width, channels });
  return y;
}
