import source from '#shaders/layerNorm.wgsl?raw';
import byRowSource from '#shaders/layerNormByRow.wgsl?raw';
import treeSource from '#shaders/lib/rowSum.wgsl?raw';
import subgroupsSource from '#shaders/lib/rowSumSubgroups.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const layerNormKernel = defineKernel({
  name: 'layerNorm',
  source: treeSource + source,
  buffers: { x: 'read', scale: 'read', bias: 'read', y: 'read_write' },
  params: { rows: 'u32', cols: 'u32', eps: 'f32' },
  rows: 'rows',
  workgroups: ({ rows }) => [rows],
  operations: ({ rows, cols }) => 8 * rows * cols,
});

/** The same where threads of a subgroup can add up without a barrier. */
export const layerNormSubgroupsKernel = defineKernel({
  ...layerNormKernel,
  name: 'layerNorm.subgroups',
  formula: 'layerNorm',
  source: subgroupsSource + source,
});

/** The same for adapters whose barriers are dear. */
export const layerNormByRowKernel = defineKernel({
  ...layerNormKernel,
  name: 'layerNormByRow',
  source: byRowSource,
  workgroups: ({ rows }) => [Math.ceil(rows / 8)],
});

/** Scale and shift of a norm, each [channels]. */
export interface Affine {
  readonly scale: Tensor;
  readonly bias: Tensor;
}

/** Normalise every row of x [rows, cols] to mean 0 and variance 1, then scale and shift by [cols]. */
export function layerNorm(rec: Recorder, x: Tensor, { scale, bias }: Affine, eps: number): Tensor {
  const [rows, cols] = expectShape(x, ['rows', 'cols']) as [number, number];
  expectShape(scale, [cols]);
  expectShape(bias, [cols]);
  const y = rec.scratch(`${x.label}.norm`, x.shape);
  const { isFallback, subgroups } = rec.capabilities;
  const onHardware = subgroups ? layerNormSubgroupsKernel : layerNormKernel;
  const kernel = isFallback ? layerNormByRowKernel : onHardware;
  rec.run(kernel, { x, scale, bias, y }, { rows, cols, eps });
  return y;
}
