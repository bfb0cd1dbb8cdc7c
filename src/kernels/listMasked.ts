import source from '#shaders/listMasked.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const listMaskedKernel = defineKernel({
  name: 'listMasked',
  source,
  buffers: { tokens: 'read', places: 'read_write', guess: 'read_write', logProb: 'read_write' },
  params: { positions: 'u32' },
  workgroups: ({ positions }) => [Math.ceil(positions / 64)],
  operations: ({ positions }) => positions ** 2 / 2,
});

/**
 * The positions of tokens [positions] i32 that are MASK, in order, then -1: a list that other rows can follow
 * (`Recorder.list`). Where a token is known, guess i32 becomes that token and logProb f32 becomes 0.
 */
export function listMasked(
  rec: Recorder,
  tokens: Tensor,
  { guess, logProb }: { readonly guess: Tensor; readonly logProb: Tensor },
): Tensor {
  const [positions] = expectShape(tokens, ['positions']) as [number];
  for (const tensor of [guess, logProb]) expectShape(tensor, [positions]);
  const places = rec.scratch('places', [positions], 'i32');
  rec.run(listMaskedKernel, { tokens, places, guess, logProb }, { positions });
  return rec.list(places);
}
