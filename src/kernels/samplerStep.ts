import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { drawTokens } from './drawTokens.ts';
import { guide } from './guide.ts';
import { listMasked } from './listMasked.ts';
import { remask } from './remask.ts';

/** The states of a sampler: what the host writes before a run or a step, and what it reads after each. */
export interface SamplerTensors {
  /** [positions] i32, MASK = -1: written before a run, updated in place by every step. */
  readonly tokens: Tensor;
  /** [positions] i32, after a step: the tokens known before it and the draw elsewhere. */
  readonly guess: Tensor;
  /** [positions] f32, after a step. */
  readonly logProb: Tensor;
  /** [positions] f32, of the guess, where the token was unknown before the step. */
  readonly logit: Tensor;
  /** [positions] f32, after a step; +infinity where the token was known before it. */
  readonly confidence: Tensor;
  /** [STEP_PARAM_WORDS] u32, written before every step. */
  readonly stepParams: Tensor;
  /** [positions] i32, `ClassRows.rowOfPosition`, written before a run; not read when the logits have one row. */
  readonly rowOfPosition: Tensor;
  /** [codebook] u32, 1 where a code is banned, written before a run. */
  readonly banned: Tensor;
  /** [positions] u32, `ranksOf(order, grid)`, written before a run whose order is not by confidence. */
  readonly rank: Tensor;
  /** [positions, codebook] and [positions] f32, written before every step; absent in a program with generated noise. */
  readonly drawNoise?: Tensor;
  readonly choiceNoise?: Tensor;
}

/** Where the Gumbel noise of a program comes from: the generator, or arrays that the host writes before every step. */
export type NoiseSource = 'generated' | 'explicit';

/** Name the sampler's states; programs of one model that name them share them. */
export function samplerTensors(
  rec: Recorder,
  { positions, codebook }: { readonly positions: number; readonly codebook: number },
  noise: NoiseSource = 'generated',
): SamplerTensors {
  return {
    tokens: rec.state('tokens', [positions], 'i32'),
    guess: rec.state('guess', [positions], 'i32'),
    logProb: rec.state('logProb', [positions], 'f32'),
    logit: rec.state('logit', [positions], 'f32'),
    confidence: rec.state('confidence', [positions], 'f32'),
    stepParams: rec.state('stepParams', [STEP_PARAM_WORDS], 'u32'),
    rowOfPosition: rec.state('rowOfPosition', [positions], 'i32'),
    banned: rec.state('banned', [codebook], 'u32'),
    rank: rec.state('rank', [positions], 'u32'),
    ...(noise === 'explicit' && {
      drawNoise: rec.state('drawNoise', [positions, codebook], 'f32'),
      choiceNoise: rec.state('choiceNoise', [positions], 'f32'),
    }),
  };
}

/** Record the list of masked positions in front of the transformer, which then computes logits for no others. */
export function maskedPlaces(rec: Recorder, sampler: SamplerTensors): Tensor {
  return listMasked(rec, sampler.tokens, sampler);
}

/**
 * Record one step behind the transformer: guidance, draw, remask; `core/sampler.ts` on the device.
 *
 *     const rec = new Recorder(capabilities);
 *     const sampler = samplerTensors(rec, { positions, codebook });          // or …, 'explicit')
 *     const places = maskedPlaces(rec, sampler);
 *     const logits = transformer(rec, { tokens: sampler.tokens, … }, …);     // with the places: [positions, rows, codebook]
 *     samplerStep(rec, logits, places, sampler);
 *     const { step } = await compile(memory, { step: rec.finish('step') });
 *
 *     const rows = classRows(request, tokens);                               // rows.classes → the transformer's rows
 *     memory.write(sampler.tokens, tokens);
 *     memory.write(sampler.rowOfPosition, rows.rowOfPosition);
 *     memory.write(sampler.banned, Uint32Array.from(bannedMask(request, codebook) ?? new Uint8Array(codebook)));
 *     memory.write(sampler.rank, ranksOf(order, grid));                      // unless by confidence
 *     for (const { step, unknown, masked } of stepCounts(settings, start(settings, tokens))) {
 *       const address = { seed, step, masked, nullRow: rows.nullRow };
 *       memory.write(sampler.stepParams, packStepParams(stepParamsOf(settings, address)));
 *       plan.run(copyOut(sampler.tokens, sampler.guess, sampler.logProb, sampler.confidence), { entries: unknown });
 *     }
 *
 * @param logits [positions, rows, codebook] of the listed places
 */
export function samplerStep(rec: Recorder, logits: Tensor, places: Tensor, sampler: SamplerTensors): void {
  const [positions] = sampler.tokens.shape as [number];
  const [codebook] = sampler.banned.shape as [number];
  const [, rows] = expectShape(logits, [positions, 'rows', codebook]) as [number, number];
  // One row needs no guidance and no copy.
  const own = rows === 1 ? rec.reshape(logits, [positions, codebook]) : guide(rec, logits, { ...sampler, places });
  drawTokens(rec, own, { ...sampler, places }, sampler);
  remask(rec, sampler, sampler);
}
