import source from '#shaders/scores.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const scoresKernel = defineKernel({
  name: 'scores',
  source,
  buffers: { queries: 'read', keys: 'read', y: 'read_write' },
  params: { rows: 'u32', columns: 'u32', width: 'u32' },
  workgroups: ({ rows, columns }) => [Math.ceil(columns / 32), Math.ceil(rows / 32)],
  operations: ({ rows, columns, width }) => 2 * rows * columns * width,
});

/** How well each of queries [rows, width] and each of keys [columns, width] fit: [rows, columns], over √width. */
export function scores(rec: Recorder, queries: Tensor, keys: Tensor): Tensor {
  const [rows, width] = expectShape(queries, ['rows', 'width']) as [number, number];
  const [columns] = expectShape(keys, ['columns', width]) as [number, number];
  const y = rec.scratch(`${queries.label}.scores`, [rows, columns]);
  rec.run(scoresKernel, { queries, keys, y }, { rows, columns, width });
  return y;
}
