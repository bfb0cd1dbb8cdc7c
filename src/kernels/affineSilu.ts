import source from '#shaders/affineSilu.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, sizeOf, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const affineSiluKernel = defineKernel({
  name: 'affineSilu',
  source,
  buffers: { x: 'read', affine: 'read', y: 'read_write' },
  params: { count: 'u32', channels: 'u32' },
  workgroups: ({ count }) => elementGroups(count),
  operations: ({ count }) => 6 * count,
});

/** silu(x · affine[0] + affine[1]) of x [height, width, channels], affine [2, channels]. */
export function affineSilu(rec: Recorder, x: Tensor, affine: Tensor): Tensor {
  const [, , channels] = expectShape(x, ['height', 'width', 'channels']) as [number, number, number];
  expectShape(affine, [2, channels]);
  const y = rec.scratch(`${affine.label.replace(/\.affine$/, '')}.silu`, x.shape);
  rec.run(affineSiluKernel, { x, affine, y }, { count: sizeOf(x.shape), channels });
  return y;
}
