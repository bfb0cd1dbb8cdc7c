import elementsSource from '#shaders/lib/elements.wgsl?raw';
import source from '#shaders/fromPixels.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const fromPixelsKernel = defineKernel({
  name: 'fromPixels',
  source: elementsSource + source,
  buffers: { pixels: 'read', image: 'read_write' },
  params: { count: 'u32' },
  workgroups: ({ count }) => elementGroups(count),
  operations: ({ count }) => 3 * count,
});

/** Packed RGBA bytes [height, width] u32 → red, green, blue in [0, 1], [height, width, 3]; alpha is dropped. */
export function fromPixels(rec: Recorder, pixels: Tensor): Tensor {
  const [height, width] = expectShape(pixels, ['height', 'width']) as [number, number];
  const image = rec.scratch(`${pixels.label}.image`, [height, width, 3]);
  rec.run(fromPixelsKernel, { pixels, image }, { count: height * width });
  return image;
}
