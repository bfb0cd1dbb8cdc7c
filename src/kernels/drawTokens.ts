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
    tokens: 'read',
    banned: 'read',
    drawNoise: 'read',
    guess: 'read_write',
    logProb: 'read_write',
  },
  params: { positions: 'u32', codebook: 'u32' },
  constants: ['explicitNoise'],
  workgroups: ({ positions }) => [positions],
  // Two thirds of a Threefry call a code, and about 40 for the two logarithms and the exponential.
  operations: ({ positions, codebook }) => 90 * positions * codebook,
});

/** What a draw needs besides the logits. */
export interface DrawInputs {
  /** [STEP_PARAM_WORDS] u32, packed by core/stepParams.ts. */
  readonly stepParams: Tensor;
  /** [positions] i32 */
  readonly tokens: Tensor;
  /** [codebook] u32, 1 where a code must not be drawn. */
  readonly banned: Tensor;
  /** [positions, codebook] f32; absent when the generator makes the noise. */
  readonly drawNoise?: Tensor;
}

/** Draw a code for every masked position from logits [positions, codebook] into guess i32 and logProb f32 [positions]. */
export function drawTokens(
  rec: Recorder,
  logits: Tensor,
  { stepParams, tokens, banned, drawNoise }: DrawInputs,
  { guess, logProb }: { readonly guess: Tensor; readonly logProb: Tensor },
): void {
  const [positions, codebook] = expectShape(logits, ['positions', 'codebook']) as [number, number];
  expectShape(stepParams, [STEP_PARAM_WORDS]);
  expectShape(banned, [codebook]);
  for (const tensor of [tokens, guess, logProb]) expectShape(tensor, [positions]);
  if (drawNoise) expectShape(drawNoise, [positions, codebook]);
  // Every binding needs a buffer; without explicit noise the kernel reads nothing from it.
  const tensors = { stepParams, logits, tokens, banned, drawNoise: drawNoise ?? logits, guess, logProb };
  rec.run(drawTokensKernel, tensors, { positions, codebook }, { explicitNoise: drawNoise ? 1 : 0 });
}
