import source from '#shaders/classVector.wgsl?raw';
import activationSource from '#shaders/lib/activation.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const classVectorKernel = defineKernel({
  name: 'classVector',
  source: activationSource + source,
  buffers: { classes: 'read', table: 'read', y: 'read_write' },
  params: { sequences: 'u32', classCount: 'u32', width: 'u32' },
  constants: ['activation'],
  workgroups: ({ sequences }) => [sequences],
});

/** SiLU of the row of each class [sequences] i32 in table [classes + 1, width], whose last is "no class". */
export function classVector(rec: Recorder, classes: Tensor, table: Tensor): Tensor {
  const [sequences] = expectShape(classes, ['sequences']) as [number];
  const [rows, width] = expectShape(table, ['classes + 1', 'width']) as [number, number];
  const y = rec.scratch('classVector', [sequences, width]);
  rec.run(classVectorKernel, { classes, table, y }, { sequences, classCount: rows - 1, width }, { activation: 0 });
  return y;
}
