import source from '#shaders/gridRows.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const gridRowsKernel = defineKernel({
  name: 'gridRows',
  source,
  buffers: { x: 'read', y: 'read_write' },
  params: { length: 'u32', first: 'u32', sequences: 'u32', positions: 'u32', width: 'u32' },
  workgroups: ({ sequences, positions }) => [sequences * positions],
});

/** The rows of a sequence that belong to the grid: `positions` of them, from `first`. */
export interface GridPlaces {
  readonly sequences: number;
  readonly positions: number;
  readonly first: number;
}

/** The grid's rows of x [sequences · length, width]: [sequences · positions, width]. */
export function gridRows(rec: Recorder, x: Tensor, { sequences, positions, first }: GridPlaces): Tensor {
  const [rows, width] = expectShape(x, ['rows', 'width']) as [number, number];
  const length = rows / sequences;
  if (!Number.isInteger(length) || length < first + positions) {
    throw new Error(`${x.label}: ${rows} rows are not ${sequences} sequences of ${positions} positions from ${first}`);
  }
  const y = rec.scratch(`${x.label}.grid`, [sequences * positions, width]);
  rec.run(gridRowsKernel, { x, y }, { length, first, sequences, positions, width });
  return y;
}
