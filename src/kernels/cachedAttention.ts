import source from '#shaders/cachedAttention.wgsl?raw';
import byHeadSource from '#shaders/cachedAttentionByHead.wgsl?raw';
import fillSource from '#shaders/fillCache.wgsl?raw';
import rowsSource from '#shaders/lib/cachedRows.wgsl?raw';
import stepParamsSource from '#shaders/lib/stepParams.wgsl?raw';
import { MOST_POSITIONS } from '../core/grid.ts';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

/** What both variants share. */
const declaration = {
  buffers: { stepParams: 'read', qkv: 'read', keys: 'read_write', values: 'read_write' },
  params: { sequences: 'u32', queries: 'u32', capacity: 'u32', heads: 'u32', headWidth: 'u32' },
  // Of a full cache: how many places there are, the step knows and not the program.
  operations: ({ sequences, queries, capacity, heads, headWidth }: Record<string, number>) =>
    4 * sequences! * queries! * heads! * headWidth! * (queries! > 1 ? (queries! + 1) / 2 : capacity!),
} as const;

const cachedAttentionKernel = defineKernel({
  ...declaration,
  name: 'cachedAttention',
  source: stepParamsSource + rowsSource + source,
  buffers: { ...declaration.buffers, y: 'read_write' },
  workgroups: ({ sequences, queries, heads }) => [heads, queries, sequences],
});

/** The same for adapters whose barriers are dear. */
const cachedAttentionByHead = defineKernel({
  ...declaration,
  name: 'cachedAttentionByHead',
  source: stepParamsSource + rowsSource + byHeadSource,
  buffers: { ...declaration.buffers, notes: 'read_write', y: 'read_write' },
  workgroups: ({ sequences, queries, heads }) => [Math.ceil(heads / 4), queries, sequences],
});

const fillCacheKernel = defineKernel({
  name: 'fillCache',
  source: fillSource,
  buffers: { qkv: 'read', keys: 'read_write', values: 'read_write' },
  params: { queries: 'u32', capacity: 'u32', heads: 'u32', headWidth: 'u32', sequences: 'u32' },
  workgroups: ({ queries, sequences }) => [queries, sequences],
});

/** What the attention of one layer has seen: a state, so that it outlives a replay. */
export interface Cache {
  /** [sequences, heads, headWidth, capacity] */
  readonly keys: Tensor;
  /** [sequences, heads, capacity, headWidth] */
  readonly values: Tensor;
}

/**
 * Causal attention over remembered places: every row of qkv attends to the places up to its own, and is remembered.
 *
 * @param qkv [sequences · queries, 3 · width], query, key and value side by side: one query a sequence at the place
 *   `stepParams.step`, or several at the places from 0 on
 * @returns [sequences · queries, width]
 */
export function cachedAttention(rec: Recorder, qkv: Tensor, { keys, values }: Cache, stepParams: Tensor): Tensor {
  const [sequences, heads, headWidth, capacity] = expectShape(keys, [
    'sequences',
    'heads',
    'headWidth',
    'capacity',
  ]) as [number, number, number, number];
  expectShape(values, [sequences, heads, capacity, headWidth]);
  expectShape(stepParams, [STEP_PARAM_WORDS]);
  const [rows] = expectShape(qkv, ['sequences · queries', 3 * heads * headWidth]) as [number];
  const queries = rows / sequences;
  if (!Number.isInteger(queries) || queries > capacity) {
    throw new Error(`${qkv.label}: ${rows} rows are not ${sequences} sequences of at most ${capacity} places`);
  }
  if (headWidth > 128 || capacity > MOST_POSITIONS) {
    throw new Error(`${keys.label}: heads of ${headWidth} and ${capacity} places, most are 128 and ${MOST_POSITIONS}`);
  }
  const shape = { queries, capacity, heads, headWidth, sequences };
  if (queries > 1) rec.run(fillCacheKernel, { qkv, keys, values }, shape);
  const y = rec.scratch(`${qkv.label}.attended`, [rows, heads * headWidth]);
  if (rec.capabilities.isFallback) {
    const notes = rec.scratch(`${qkv.label}.notes`, [rows, heads, capacity]);
    rec.run(cachedAttentionByHead, { stepParams, qkv, keys, values, notes, y }, shape);
  } else {
    rec.run(cachedAttentionKernel, { stepParams, qkv, keys, values, y }, shape);
  }
  return y;
}
