import source from '#shaders/affine.wgsl?raw';
import activationSource from '#shaders/lib/activation.wgsl?raw';
import elementsSource from '#shaders/lib/elements.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, sizeOf, type Tensor } from '../program/tensor.ts';
import { activationNumber } from './activation.ts';
import { elementGroups } from './elements.ts';

export const affineKernel = defineKernel({
  name: 'affine',
  source: activationSource + elementsSource + source,
  buffers: { x: 'read', affine: 'read', y: 'read_write' },
  params: { count: 'u32', channels: 'u32' },
  constants: ['activation'],
  workgroups: ({ count }) => elementGroups(count),
  operations: ({ count }) => 6 * count,
});

/** activation(x · affine[0] + affine[1]) of x [height, width, channels], affine [2, channels]. */
export function affine(rec: Recorder, x: Tensor, factors: Tensor, activation: 'none' | 'silu' = 'none'): Tensor {
  const [, , channels] = expectShape(x, ['height', 'width', 'channels']) as [number, number, number];
  expectShape(factors, [2, channels]);
  const end = activation === 'silu' ? 'silu' : 'normed';
  const y = rec.scratch(`${factors.label.replace(/\.affine$/, '')}.${end}`, x.shape);
  const constants = { activation: activationNumber(activation) };
  rec.run(affineKernel, { x, affine: factors, y }, { count: sizeOf(x.shape), channels }, constants);
  return y;
}
