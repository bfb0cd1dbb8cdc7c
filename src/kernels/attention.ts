import source from '#shaders/attention.wgsl?raw';
import byBlockSource from '#shaders/attentionByBlock.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

const QUERIES = 16;

export const attentionKernel = defineKernel({
  name: 'attention',
  source,
  buffers: { qkv: 'read', y: 'read_write' },
  params: { sequences: 'u32', length: 'u32', heads: 'u32', headWidth: 'u32' },
  constants: ['threads'],
  workgroups: ({ sequences, length, heads }) => [Math.ceil(length / QUERIES), heads, sequences],
  operations: ({ sequences, length, heads, headWidth }) => 4 * sequences * heads * length ** 2 * headWidth,
});

/** Queries a thread, and floats that it notes for each at a time. */
const BLOCK = 4;
const SLAB = 128;

/** The same for adapters whose barriers are dear. */
export const attentionByBlockKernel = defineKernel({
  name: 'attentionByBlock',
  source: byBlockSource,
  buffers: { qkv: 'read', shares: 'read_write', y: 'read_write' },
  params: attentionKernel.params,
  workgroups: ({ sequences, length, heads }) => [Math.ceil(length / BLOCK / 4), heads, sequences],
  ...(attentionKernel.operations && { operations: attentionKernel.operations }),
});

/**
 * Every row of a sequence attends to all of them. Softmax in f32, without a stored [length, length] matrix.
 *
 * @param qkv [sequences · length, 3 · width], query, key and value side by side
 * @returns [sequences · length, width]
 */
export function attention(
  rec: Recorder,
  qkv: Tensor,
  { sequences, heads }: { readonly sequences: number; readonly heads: number },
): Tensor {
  const [rows, columns] = expectShape(qkv, ['sequences · length', '3 · width']) as [number, number];
  const [length, headWidth] = [rows / sequences, columns / 3 / heads];
  if (!Number.isInteger(length)) throw new Error(`${qkv.label}: ${rows} rows are not ${sequences} sequences`);
  if (!Number.isInteger(headWidth) || headWidth > 128) {
    throw new Error(`${qkv.label}: ${columns} columns are not 3 × ${heads} heads of at most 128`);
  }
  const y = rec.scratch(`${qkv.label}.attended`, [rows, columns / 3]);
  const params = { sequences, length, heads, headWidth };
  if (rec.capabilities.isFallback) {
    const shares = rec.scratch(`${qkv.label}.shares`, [sequences, heads, Math.ceil(length / BLOCK), SLAB, BLOCK]);
    rec.run(attentionByBlockKernel, { qkv, shares, y }, params);
  } else {
    // 4 × 4 results a thread, and a thread for every one of 16 queries in the softmax.
    const threads = (QUERIES / 4) * Math.max(4, Math.ceil(headWidth / 4));
    rec.run(attentionKernel, { qkv, y }, params, { threads });
  }
  return y;
}
