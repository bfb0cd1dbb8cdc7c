import source from '#shaders/attention.wgsl?raw';
import byBlockSource from '#shaders/attentionByBlock.wgsl?raw';
import rowsSource from '#shaders/lib/attentionRows.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { placesShape, type Wanted } from './placeRows.ts';

const QUERIES = 16;

export const attentionKernel = defineKernel({
  name: 'attention',
  source: rowsSource + source,
  buffers: { qkv: 'read', places: 'read', y: 'read_write' },
  params: {
    sequences: 'u32',
    length: 'u32',
    heads: 'u32',
    headWidth: 'u32',
    queries: 'u32',
    first: 'u32',
    pictures: 'u32',
  },
  rows: 'queries',
  constants: ['isListed', 'threads'],
  workgroups: ({ sequences, queries, heads }) => [Math.ceil(queries / QUERIES), heads, sequences],
  operations: ({ sequences, length, queries, heads, headWidth }) =>
    4 * sequences * heads * length * queries * headWidth,
});

/** Queries a thread, and floats that it notes for each at a time. */
const BLOCK = 4;
const SLAB = 128;

/** The same for adapters whose barriers are dear. */
export const attentionByBlockKernel = defineKernel({
  name: 'attentionByBlock',
  source: rowsSource + byBlockSource,
  buffers: { qkv: 'read', places: 'read', shares: 'read_write', y: 'read_write' },
  params: attentionKernel.params,
  rows: 'queries',
  constants: ['isListed', 'threads'],
  workgroups: ({ sequences, queries, heads }, { threads }) => [Math.ceil(queries / BLOCK / threads), heads, sequences],
  ...(attentionKernel.operations && { operations: attentionKernel.operations }),
});

/** How rows are sequences and columns heads, and for which rows a result is wanted: all when absent. */
export interface AttentionShape {
  readonly sequences: number;
  readonly heads: number;
  readonly wanted?: Wanted | undefined;
}

/**
 * Every wanted row of a sequence attends to all of its rows. Softmax in f32, without a stored [length, length] matrix.
 *
 * @param qkv [sequences · length, 3 · width], query, key and value side by side
 * @returns [sequences · length, width], or [entries · sequences, width] of wanted rows, those of one entry side by side
 */
export function attention(rec: Recorder, qkv: Tensor, { sequences, heads, wanted }: AttentionShape): Tensor {
  const [rows, columns] = expectShape(qkv, ['sequences · length', '3 · width']) as [number, number];
  const [length, headWidth] = [rows / sequences, columns / 3 / heads];
  if (!Number.isInteger(length)) throw new Error(`${qkv.label}: ${rows} rows are not ${sequences} sequences`);
  if (!Number.isInteger(headWidth) || headWidth > 128) {
    throw new Error(`${qkv.label}: ${columns} columns are not 3 × ${heads} heads of at most 128`);
  }
  const { entries: queries, pictures } = wanted
    ? placesShape(wanted.places, sequences)
    : { entries: length, pictures: 1 };
  const y = rec.scratch(`${qkv.label}.attended`, [sequences * queries, columns / 3]);
  const params = { sequences, length, heads, headWidth, queries, first: wanted?.first ?? 0, pictures };
  // Every binding needs a buffer; where all rows are wanted the kernel reads nothing from it.
  const inputs = { qkv, places: wanted?.places ?? qkv };
  const isListed = wanted ? 1 : 0;
  if (rec.capabilities.isFallback) {
    const shares = rec.scratch(`${qkv.label}.shares`, [sequences, heads, Math.ceil(queries / BLOCK), SLAB, BLOCK]);
    // One thread for each lane: 4 on SwiftShader, 8 on llvmpipe.
    const threads = Math.min(8, Math.max(4, rec.capabilities.subgroupMinSize));
    rec.run(attentionByBlockKernel, { ...inputs, shares, y }, params, { isListed, threads });
  } else {
    // 4 × 4 results a thread, and a thread for every one of 16 queries in the softmax.
    const threads = (QUERIES / 4) * Math.max(4, Math.ceil(headWidth / 4));
    rec.run(attentionKernel, { ...inputs, y }, params, { isListed, threads });
  }
  return y;
}
