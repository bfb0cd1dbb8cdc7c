import activationSource from '#shaders/lib/activation.wgsl?raw';
import elementsSource from '#shaders/lib/elements.wgsl?raw';
import source from '#shaders/swiglu.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const swigluKernel = defineKernel({
  name: 'swiglu',
  source: activationSource + elementsSource + source,
  buffers: { x: 'read', y: 'read_write' },
  params: { rows: 'u32', cols: 'u32' },
  rows: 'rows',
  constants: ['activation'],
  workgroups: ({ rows, cols }) => elementGroups(rows * cols),
  operations: ({ rows, cols }) => 6 * rows * cols,
});

/** silu(left half) · right half of x [rows, 2 · cols]: [rows, cols]. */
export function swiglu(rec: Recorder, x: Tensor): Tensor {
  const [rows, columns] = expectShape(x, ['rows', '2 · cols']) as [number, number];
  if (columns % 2 !== 0) throw new Error(`${x.label}: ${columns} columns have no halves`);
  const y = rec.scratch(`${x.label}.swiglu`, [rows, columns / 2]);
  rec.run(swigluKernel, { x, y }, { rows, cols: columns / 2 }, { activation: 0 });
  return y;
}
