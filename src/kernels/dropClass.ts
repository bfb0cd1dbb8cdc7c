import source from '#shaders/dropClass.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const dropClassKernel = defineKernel({
  name: 'dropClass',
  source,
  buffers: { x: 'read', y: 'read_write' },
  params: { sequences: 'u32', positions: 'u32', width: 'u32' },
  workgroups: ({ sequences, positions }) => [sequences * positions],
});

/** The grid's rows of x [sequences · (1 + positions), width]: [sequences · positions, width]. */
export function dropClass(rec: Recorder, x: Tensor, sequences: number): Tensor {
  const [rows, width] = expectShape(x, ['rows', 'width']) as [number, number];
  const positions = rows / sequences - 1;
  if (!Number.isInteger(positions)) throw new Error(`${x.label}: ${rows} rows are not ${sequences} sequences`);
  const y = rec.scratch(`${x.label}.grid`, [sequences * positions, width]);
  rec.run(dropClassKernel, { x, y }, { sequences, positions, width });
  return y;
}
