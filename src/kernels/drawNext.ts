import source from '#shaders/drawNext.wgsl?raw';
import rngSource from '#shaders/lib/rng.wgsl?raw';
import stepParamsSource from '#shaders/lib/stepParams.wgsl?raw';
import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

const drawNextKernel = defineKernel({
  name: 'drawNext',
  source: rngSource + stepParamsSource + source,
  buffers: { stepParams: 'read', logits: 'read', tokens: 'read_write', logProb: 'read_write' },
  params: { sequences: 'u32', codebook: 'u32', positions: 'u32' },
  workgroups: () => [1],
  // As drawTokens.
  operations: ({ codebook }) => 90 * codebook,
});

/** What a step of a run in raster order reads, and the states that it updates at its position. */
export interface RasterTensors {
  /** [STEP_PARAM_WORDS] u32, packed by core/stepParams.ts; `step` is the position. */
  readonly stepParams: Tensor;
  /** [positions] i32, MASK where a token is to be drawn. */
  readonly tokens: Tensor;
  /** [positions] f32 */
  readonly logProb: Tensor;
}

/**
 * Draw the token of the position `stepParams.step` where it is MASK, as core/raster.ts says.
 *
 * @param logits [1, codebook], or [2, codebook] of the class and of none, which are guided here
 */
export function drawNext(rec: Recorder, logits: Tensor, { stepParams, tokens, logProb }: RasterTensors): void {
  const [sequences, codebook] = expectShape(logits, ['sequences', 'codebook']) as [number, number];
  const [positions] = expectShape(tokens, ['positions']) as [number];
  expectShape(logProb, [positions]);
  expectShape(stepParams, [STEP_PARAM_WORDS]);
  rec.run(drawNextKernel, { stepParams, logits, tokens, logProb }, { sequences, codebook, positions });
}
