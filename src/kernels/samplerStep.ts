import { STEP_PARAM_WORDS } from '../core/stepParams.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Dtype, type Tensor } from '../program/tensor.ts';
import { drawTokens } from './drawTokens.ts';
import { guide } from './guide.ts';
import { listMasked } from './listMasked.ts';
import { remask } from './remask.ts';

/** The states of a sampler: what the host writes before a run or a step, and what it reads after each. */
export interface SamplerTensors {
  /** [pictures, positions] i32, MASK = -1: written before a run, updated in place by every step; what the next one sees. */
  readonly tokens: Tensor;
  /** [pictures, positions] i32, after a step: the tokens known before it and the draw elsewhere. */
  readonly guess: Tensor;
  /** [pictures, positions] f32, after a step. */
  readonly logProb: Tensor;
  /** [pictures, positions] f32, of the guess, where the token was unknown before the step. */
  readonly logit: Tensor;
  /** [pictures, positions] f32, after a step; +infinity where the token was known before it. */
  readonly confidence: Tensor;
  /** [pictures, STEP_PARAM_WORDS] u32, written before every step. */
  readonly stepParams: Tensor;
  /** [positions] i32, `ClassRows.rowOfPosition`, written before a run; not read when the logits have one row. */
  readonly rowOfPosition: Tensor;
  /** [codebook] u32, 1 where a code is banned, written before a run. */
  readonly banned: Tensor;
  /** [positions] u32, `packCells`, written before a run. */
  readonly cells: Tensor;
  /** [pictures, positions, codebook] and [pictures, positions] f32, written before every step; absent where it is generated. */
  readonly drawNoise?: Tensor;
  readonly choiceNoise?: Tensor;
}

/** Where the Gumbel noise of a program comes from: the generator, or arrays that the host writes before every step. */
export type NoiseSource = 'generated' | 'explicit';

/** How large a sampler's states are; one picture when nothing else is said. */
export interface SamplerShape {
  readonly positions: number;
  readonly codebook: number;
  readonly pictures?: number;
}

/** Name the sampler's states; programs of one model that name them, for as many pictures, share them. */
export function samplerTensors(
  rec: Recorder,
  { positions, codebook, pictures = 1 }: SamplerShape,
  noise: NoiseSource = 'generated',
): SamplerTensors {
  const own = (name: string, dtype: Dtype, ...shape: readonly number[]): Tensor =>
    rec.state(pictures === 1 ? name : `${name} of ${pictures} pictures`, [pictures, ...shape], dtype);
  return {
    tokens: own('tokens', 'i32', positions),
    guess: own('guess', 'i32', positions),
    logProb: own('logProb', 'f32', positions),
    logit: own('logit', 'f32', positions),
    confidence: own('confidence', 'f32', positions),
    stepParams: own('stepParams', 'u32', STEP_PARAM_WORDS),
    rowOfPosition: rec.state('rowOfPosition', [positions], 'i32'),
    banned: rec.state('banned', [codebook], 'u32'),
    cells: rec.state('cells', [positions], 'u32'),
    ...(noise === 'explicit' && {
      drawNoise: own('drawNoise', 'f32', positions, codebook),
      choiceNoise: own('choiceNoise', 'f32', positions),
    }),
  };
}

/** Record the list of each picture's masked positions in front of the transformer, which then computes logits for no others. */
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
 *     memory.write(sampler.cells, packCells(settings, painted, grid));
 *     const counts = stepCounts(settings, start(settings, tokens), grid);
 *     for (const [i, { step, unknown, masked }] of counts.entries()) {
 *       const address = { seed, step, masked, nullRow: rows.nullRow, next: counts[i + 1]?.step };
 *       memory.write(sampler.stepParams, packStepParams(stepParamsOf(settings, address)));
 *       plan.run(copyOut(sampler.tokens, sampler.guess, sampler.logProb, sampler.confidence), { entries: unknown });
 *     }
 *
 * Several pictures lie side by side in everything: each has its own tokens and numbers, its own seed among them.
 *
 * @param logits [positions, rows · pictures, codebook] of the listed places, the pictures in turn
 */
export function samplerStep(rec: Recorder, logits: Tensor, places: Tensor, sampler: SamplerTensors): void {
  const [pictures, positions] = sampler.tokens.shape as [number, number];
  const [codebook] = sampler.banned.shape as [number];
  const [, sequences] = expectShape(logits, [positions, 'rows · pictures', codebook]) as [number, number];
  // One row a picture needs no guidance and no copy.
  const own =
    sequences === pictures
      ? rec.reshape(logits, [positions * pictures, codebook])
      : guide(rec, logits, { ...sampler, places });
  drawTokens(rec, own, { ...sampler, places }, sampler);
  remask(rec, sampler, sampler);
}
