import sharedSource from '#shaders/lib/rmsNorm.wgsl?raw';
import treeSource from '#shaders/lib/rowSum.wgsl?raw';
import subgroupsSource from '#shaders/lib/rowSumSubgroups.wgsl?raw';
import source from '#shaders/rmsNorm.wgsl?raw';
import byRowSource from '#shaders/rmsNormByRow.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const rmsNormKernel = defineKernel({
  name: 'rmsNorm',
  source: treeSource + sharedSource + source,
  buffers: { x: 'read', scale: 'read', bias: 'read', modulation: 'read', y: 'read_write' },
  params: {
    rows: 'u32',
    cols: 'u32',
    eps: 'f32',
    sequences: 'u32',
    rowsPerSequence: 'u32',
    modulationCols: 'u32',
    shiftAt: 'u32',
    scaleAt: 'u32',
  },
  rows: 'rows',
  constants: ['hasScale', 'hasBias', 'isModulated', 'skipsThird'],
  workgroups: ({ rows }) => [rows],
  operations: ({ rows, cols }) => 7 * rows * cols,
});

/** The same where threads of a subgroup can add up without a barrier. */
export const rmsNormSubgroupsKernel = defineKernel({
  ...rmsNormKernel,
  name: 'rmsNorm.subgroups',
  formula: 'rmsNorm',
  source: subgroupsSource + sharedSource + source,
});

/** The same for adapters whose barriers are dear. */
export const rmsNormByRowKernel = defineKernel({
  ...rmsNormKernel,
  name: 'rmsNormByRow',
  source: sharedSource + byRowSource,
  workgroups: ({ rows }) => [Math.ceil(rows / 8)],
});

/** Parts of a condition that every row of a sequence shares. */
export interface Modulation {
  /** [sequences, chunks · cols] */
  readonly values: Tensor;
  /** Which chunk of `cols` columns is the shift, and which the scale. */
  readonly shift: number;
  readonly scale: number;
  /** Whether row r belongs to sequence r mod sequences, and not to the one whose rows it lies among. */
  readonly inTurns?: boolean;
}

export interface RmsNormParts {
  /** [cols] */
  readonly scale?: Tensor;
  /** [cols] */
  readonly bias?: Tensor;
  readonly modulation?: Modulation;
}

/**
 * Divide every row of x [rows, cols] by its root mean square, then scale and shift by [cols], then by what the row's
 * sequence says: norm · (1 + scale) + shift.
 */
export function rmsNorm(rec: Recorder, x: Tensor, parts: RmsNormParts, eps: number): Tensor {
  return run(rec, x, parts, eps, false);
}

/** Query and key of qkv [rows, 3 · width] divided by their root mean squares over all heads; the value as it is. */
export function queryKeyNorm(rec: Recorder, qkv: Tensor, eps: number): Tensor {
  const [rows, cols] = expectShape(qkv, ['rows', '3 · width']) as [number, number];
  return rec.reshape(run(rec, rec.reshape(qkv, [3 * rows, cols / 3]), {}, eps, true), qkv.shape);
}

function run(rec: Recorder, x: Tensor, parts: RmsNormParts, eps: number, skipsThird: boolean): Tensor {
  const { scale, bias, modulation } = parts;
  const [rows, cols] = expectShape(x, ['rows', 'cols']) as [number, number];
  if (scale) expectShape(scale, [cols]);
  if (bias) expectShape(bias, [cols]);
  const y = rec.scratch(`${x.label}.norm`, x.shape);
  const { isFallback, subgroups } = rec.capabilities;
  const onHardware = subgroups ? rmsNormSubgroupsKernel : rmsNormKernel;
  rec.run(
    isFallback ? rmsNormByRowKernel : onHardware,
    { x, scale: scale ?? x, bias: bias ?? x, modulation: modulation?.values ?? x, y },
    {
      rows,
      cols,
      eps,
      ...modulationParams(x, modulation),
    },
    constantsOf(parts, skipsThird),
  );
  return y;
}

/** Where the kernel finds what modulates a row of x. */
function modulationParams({ label, shape }: Tensor, modulation: Modulation | undefined) {
  if (!modulation) return { sequences: 1, rowsPerSequence: 1, modulationCols: 0, shiftAt: 0, scaleAt: 0 };
  const [rows, cols] = shape as [number, number];
  const { values, shift, scale, inTurns } = modulation;
  const [sequences, modulationCols] = expectShape(values, ['sequences', 'chunks · cols']) as [number, number];
  if (rows % sequences !== 0) throw new Error(`${label}: ${rows} rows are not ${sequences} sequences`);
  const rowsPerSequence = inTurns ? 1 : rows / sequences;
  return { sequences, rowsPerSequence, modulationCols, shiftAt: cols * shift, scaleAt: cols * scale };
}

function constantsOf({ scale, bias, modulation }: RmsNormParts, skipsThird: boolean) {
  return {
    hasScale: scale ? 1 : 0,
    hasBias: bias ? 1 : 0,
    isModulated: modulation ? 1 : 0,
    skipsThird: skipsThird ? 1 : 0,
  };
}
