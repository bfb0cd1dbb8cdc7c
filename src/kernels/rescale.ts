import elementsSource from '#shaders/lib/elements.wgsl?raw';
import source from '#shaders/rescale.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { sizeOf, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const rescaleKernel = defineKernel({
  name: 'rescale',
  source: elementsSource + source,
  buffers: { x: 'read', y: 'read_write' },
  params: { count: 'u32', factor: 'f32', offset: 'f32' },
  workgroups: ({ count }) => elementGroups(count),
  operations: ({ count }) => 2 * count,
});

/** factor · x + offset, of any shape: from one range of values to another. */
export function rescale(
  rec: Recorder,
  x: Tensor,
  { factor, offset }: { readonly factor: number; readonly offset: number },
): Tensor {
  const y = rec.scratch(`${x.label}.rescaled`, x.shape);
  rec.run(rescaleKernel, { x, y }, { count: sizeOf(x.shape), factor, offset });
  return y;
}
