import source from '#shaders/softmaxRows.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const softmaxRowsKernel = defineKernel({
  name: 'softmaxRows',
  source,
  buffers: { x: 'read', y: 'read_write' },
  params: { rows: 'u32', width: 'u32' },
  workgroups: ({ rows }) => [Math.ceil(rows / 64)],
  operations: ({ rows, width }) => 5 * rows * width,
});

/** Shares that add up to 1 in every row of x [rows, width]. */
export function softmaxRows(rec: Recorder, x: Tensor): Tensor {
  const [rows, width] = expectShape(x, ['rows', 'width']) as [number, number];
  const y = rec.scratch(`${x.label}.shares`, [rows, width]);
  rec.run(softmaxRowsKernel, { x, y }, { rows, width });
  return y;
}
