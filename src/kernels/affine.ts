import source from '#shaders/affine.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, sizeOf, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const affineKernel = defineKernel({
  name: 'affine',
  source,
  buffers: { x: 'read', affine: 'read', y: 'read_write' },
  params: { count: 'u32', channels: 'u32' },
  workgroups: ({ count }) => elementGroups(count),
  operations: ({ count }) => 2 * count,
});

/** x · affine[0] + affine[1] of x [height, width, channels], affine [2, channels]. */
export function affine(rec: Recorder, x: Tensor, factors: Tensor): Tensor {
  const [, , channels] = expectShape(x, ['height', 'width', 'channels']) as [number, number, number];
  expectShape(factors, [2, channels]);
  const y = rec.scratch(`${factors.label.replace(/\.affine$/, '')}.normed`, x.shape);
  rec.run(affineKernel, { x, affine: factors, y }, { count: sizeOf(x.shape), channels });
  return y;
}
