import elementsSource from '#shaders/lib/elements.wgsl?raw';
import source from '#shaders/lookup.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, sizeOf, type Tensor } from '../program/tensor.ts';
import { elementGroups } from './elements.ts';

export const lookupKernel = defineKernel({
  name: 'lookup',
  source: elementsSource + source,
  buffers: { tokens: 'read', codebook: 'read', y: 'read_write' },
  params: { positions: 'u32', entries: 'u32', embedding: 'u32' },
  workgroups: ({ positions, embedding }) => elementGroups(positions * embedding),
});

/** Codebook entries of tokens [...grid] i32: [...grid, embedding]; zeros where a token is MASK or no entry. */
export function lookup(rec: Recorder, tokens: Tensor, codebook: Tensor): Tensor {
  const [entries, embedding] = expectShape(codebook, ['entries', 'embedding']) as [number, number];
  const y = rec.scratch(`${tokens.label}.entries`, [...tokens.shape, embedding]);
  rec.run(lookupKernel, { tokens, codebook, y }, { positions: sizeOf(tokens.shape), entries, embedding });
  return y;
}
