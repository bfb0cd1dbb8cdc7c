import rngSource from '#shaders/lib/rng.wgsl?raw';
import stepParamsSource from '#shaders/lib/stepParams.wgsl?raw';
import source from '#shaders/remask.wgsl?raw';
import { MOST_POSITIONS } from '../core/grid.ts';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

export const remaskKernel = defineKernel({
  name: 'remask',
  source: rngSource + stepParamsSource + source,
  buffers: {
    stepParams: 'read',
    guess: 'read',
    logit: 'read',
    logProb: 'read',
    cells: 'read',
    choiceNoise: 'read',
    tokens: 'read_write',
    confidence: 'read_write',
  },
  params: { pictures: 'u32', positions: 'u32' },
  constants: ['explicitNoise'],
  workgroups: ({ pictures }) => [pictures],
  operations: ({ pictures, positions }) => 3 * pictures * positions * positions,
});

/** What remasking reads. */
export interface RemaskInputs {
  /** [pictures, STEP_PARAM_WORDS] u32, packed by core/stepParams.ts. */
  readonly stepParams: Tensor;
  /** [pictures, positions] i32 */
  readonly guess: Tensor;
  /** [pictures, positions] f32, that of the guess. */
  readonly logit: Tensor;
  /** [pictures, positions] f32 */
  readonly logProb: Tensor;
  /** [positions] u32, packed by core/stepParams.ts. */
  readonly cells: Tensor;
  /** [pictures, positions] f32; absent when the generator makes the noise. */
  readonly choiceNoise?: Tensor;
}

/**
 * Accept the guess and mask the least confident again, or what the corrector step behind this one draws anew: updates tokens
 * i32, writes confidence f32, both [pictures, positions].
 */
export function remask(
  rec: Recorder,
  { stepParams, guess, logit, logProb, cells, choiceNoise }: RemaskInputs,
  { tokens, confidence }: { readonly tokens: Tensor; readonly confidence: Tensor },
): void {
  const [pictures, positions] = expectShape(tokens, ['pictures', 'positions']) as [number, number];
  if (positions > MOST_POSITIONS)
    throw new Error(`${tokens.label}: ${positions} positions; remask holds ${MOST_POSITIONS}`);
  expectShape(stepParams, [pictures, STEP_PARAM_WORDS]);
  expectShape(cells, [positions]);
  for (const tensor of [guess, logit, logProb, confidence, ...(choiceNoise ? [choiceNoise] : [])]) {
    expectShape(tensor, [pictures, positions]);
  }
  // Every binding needs a buffer; without explicit noise the kernel reads nothing from it.
  const noise = choiceNoise ?? logProb;
  const tensors = { stepParams, guess, logit, logProb, cells, choiceNoise: noise, tokens, confidence };
  rec.run(remaskKernel, tensors, { pictures, positions }, { explicitNoise: choiceNoise ? 1 : 0 });
}
