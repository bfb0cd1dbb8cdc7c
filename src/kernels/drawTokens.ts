import rngSource from '#shaders/lib/rng.wgsl?raw';
import stepParamsSource from '#shaders/lib/stepParams.wgsl?raw';
import source from '#shaders/drawTokens.wgsl?raw';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const drawTokensKernel = defineKernel({
  name: 'drawTokens',
  source: rngSource + stepParamsSource + source,
  buffers: {
    stepParams: 'read',
    logits: 'read',
    places: 'read',
    banned: 'read',
    drawNoise: 'read',
    guess: 'read_write',
    logProb: 'read_write',
    logit: 'read_write',
  },
  params: { entries: 'u32', pictures: 'u32', positions: 'u32', codebook: 'u32' },
  rows: 'entries',
  constants: ['explicitNoise'],
  workgroups: ({ entries, pictures }) => [entries * pictures],
  // Two thirds of a Threefry call a code, and about 40 for the two logarithms and the exponential.
  operations: ({ entries, pictures, codebook }) => 90 * entries * pictures * codebook,
});

/** What a draw needs besides the logits. */
export interface DrawInputs {
  /** [pictures, STEP_PARAM_WORDS] u32, packed by core/stepParams.ts. */
  readonly stepParams: Tensor;
  /** [entries, pictures] i32, the positions to draw for; -1 behind the last. */
  readonly places: Tensor;
  /** [codebook] u32, 1 where a code must not be drawn. */
  readonly banned: Tensor;
  /** [pictures, positions, codebook] f32; absent when the generator makes the noise. */
  readonly drawNoise?: Tensor;
}

/** What a draw writes at every position of its list: the code i32, its log-probability and its logit f32, all [pictures, positions]. */
export interface Draw {
  readonly guess: Tensor;
  readonly logProb: Tensor;
  readonly logit: Tensor;
}

/** Draw a code from each row of logits [entries · pictures, codebook] for the position that the list names. */
export function drawTokens(
  rec: Recorder,
  logits: Tensor,
  { stepParams, places, banned, drawNoise }: DrawInputs,
  { guess, logProb, logit }: Draw,
): void {
  const [pictures, positions] = expectShape(guess, ['pictures', 'positions']) as [number, number];
  const [entries] = expectShape(places, ['entries', pictures]) as [number];
  const [, codebook] = expectShape(logits, [entries * pictures, 'codebook']) as [number, number];
  expectShape(stepParams, [pictures, STEP_PARAM_WORDS]);
  expectShape(banned, [codebook]);
  for (const tensor of [logProb, logit]) expectShape(tensor, [pictures, positions]);
  if (drawNoise) expectShape(drawNoise, [pictures, positions, codebook]);
  // Every binding needs a buffer; without explicit noise the kernel reads nothing from it.
  const tensors = { stepParams, logits, places, banned, drawNoise: drawNoise ?? logits, guess, logProb, logit };
  const params = { entries, pictures, positions, codebook };
  rec.run(drawTokensKernel, tensors, params, { explicitNoise: drawNoise ? 1 : 0 });
}
