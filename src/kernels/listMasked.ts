import source from '#shaders/listMasked.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const listMaskedKernel = defineKernel({
  name: 'listMasked',
  source,
  buffers: { tokens: 'read', places: 'read_write', guess: 'read_write', logProb: 'read_write' },
  params: { pictures: 'u32', positions: 'u32' },
  workgroups: ({ pictures, positions }) => [Math.ceil(positions / 64), pictures],
  operations: ({ pictures, positions }) => (pictures * positions ** 2) / 2,
});

/**
 * The positions of tokens [pictures, positions] i32 that are MASK, each picture's in order, then -1: a list [positions,
 * pictures] that other rows can follow (`Recorder.list`). Where a token is known, guess i32 becomes that token and logProb
 * f32 becomes 0.
 */
export function listMasked(
  rec: Recorder,
  tokens: Tensor,
  { guess, logProb }: { readonly guess: Tensor; readonly logProb: Tensor },
): Tensor {
  const [pictures, positions] = expectShape(tokens, ['pictures', 'positions']) as [number, number];
  for (const tensor of [guess, logProb]) expectShape(tensor, [pictures, positions]);
  const places = rec.scratch('places', [positions, pictures], 'i32');
  rec.run(listMaskedKernel, { tokens, places, guess, logProb }, { pictures, positions });
  return rec.list(places);
}
