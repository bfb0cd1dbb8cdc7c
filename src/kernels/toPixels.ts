import elementsSource from '#shaders/lib/elements.wgsl?raw';
import source from '#shaders/toPixels.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const toPixelsKernel = defineKernel({
  name: 'toPixels',
  source: elementsSource + source,
  buffers: { image: 'read', pixels: 'read_write' },
  params: { count: 'u32' },
  workgroups: ({ count }) => elementGroups(count),
  operations: ({ count }) => 3 * count,
});

/** Red, green, blue [height, width, 3], clipped to [0, 1] → packed RGBA bytes [height, width] u32, opaque. */
export function toPixels(rec: Recorder, image: Tensor): Tensor {
  const [height, width] = expectShape(image, ['height', 'width', 3]) as [number, number];
  const pixels = rec.scratch(`${image.label}.pixels`, [height, width], 'u32');
  rec.run(toPixelsKernel, { image, pixels }, { count: height * width });
  return pixels;
}
