import source from '#shaders/unitRows.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { sizeOf, type Tensor } from '../program/tensor.ts';

export const unitRowsKernel = defineKernel({
  name: 'unitRows',
  source,
  buffers: { x: 'read', y: 'read_write' },
  params: { rows: 'u32', width: 'u32' },
  workgroups: ({ rows }) => [Math.ceil(rows / 64)],
  operations: ({ rows, width }) => 3 * rows * width,
});

/** Rows of x [..., width] at length 1; one of zeros stays. */
export function unitRows(rec: Recorder, x: Tensor): Tensor {
  const width = x.shape.at(-1)!;
  const y = rec.scratch(`${x.label}.unit`, x.shape);
  rec.run(unitRowsKernel, { x, y }, { rows: sizeOf(x.shape) / width, width });
  return y;
}
