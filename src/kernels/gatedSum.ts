import elementsSource from '#shaders/lib/elements.wgsl?raw';
import source from '#shaders/gatedSum.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const gatedSumKernel = defineKernel({
  name: 'gatedSum',
  source: elementsSource + source,
  buffers: { x: 'read', branch: 'read', gate: 'read', y: 'read_write' },
  params: { rows: 'u32', cols: 'u32', sequences: 'u32', rowsPerSequence: 'u32', gateCols: 'u32', gateAt: 'u32' },
  rows: 'rows',
  workgroups: ({ rows, cols }) => elementGroups(rows * cols),
  operations: ({ rows, cols }) => 2 * rows * cols,
});

/** The chunk of `cols` columns of [sequences, chunks · cols] that opens a branch for all rows of a sequence. */
export interface Gate {
  readonly values: Tensor;
  readonly chunk: number;
  /** Whether row r belongs to sequence r mod sequences, and not to the one whose rows it lies among. */
  readonly inTurns?: boolean;
}

/** x + gate · branch of x and branch [rows, cols]. */
export function gatedSum(rec: Recorder, x: Tensor, branch: Tensor, gate: Gate): Tensor {
  const [rows, cols] = expectShape(x, ['rows', 'cols']) as [number, number];
  expectShape(branch, [rows, cols]);
  const [sequences, gateCols] = expectShape(gate.values, ['sequences', 'chunks · cols']) as [number, number];
  if (rows % sequences !== 0) throw new Error(`${x.label}: ${rows} rows are not ${sequences} sequences`);
  const y = rec.scratch(`${branch.label}.gated`, x.shape);
  const rowsPerSequence = gate.inTurns ? 1 : rows / sequences;
  const params = { rows, cols, sequences, rowsPerSequence, gateCols, gateAt: gate.chunk * cols };
  rec.run(gatedSumKernel, { x, branch, gate: gate.values, y }, params);
  return y;
}
