import { drawTokens, type Proposal } from './draw.ts';
import { Failure } from './failure.ts';
import { MASK, type Grid } from './grid.ts';
import { ranksOf, type FixedOrder } from './halton.ts';
import type { ExplicitNoise, SamplerSettings } from './request.ts';
import { CHOICE_LANE, gumbel } from './rng.ts';
import { haltonMaskCount, maskCount, maskedAfter, progressOf, type Progress } from './schedules.ts';

const f32 = Math.fround;

/** Where a run stands between two steps: all that a resumed run needs. */
export interface SamplerState {
  /** 0-based step that comes next. */
  readonly step: number;
  /** Tokens unknown when the run started; the schedule counts in fractions of it. */
  readonly unknownAtStart: number;
  /** [positions], MASK where unknown. */
  readonly tokens: Int32Array<ArrayBuffer>;
}

/** What stays the same in all steps of a run. */
export interface SamplerRun {
  readonly settings: SamplerSettings;
  readonly seed: number;
  readonly grid: Grid;
  readonly codebook: number;
  /** [codebook] 1 where a code must not be drawn. */
  readonly banned?: Uint8Array;
  readonly noise?: ExplicitNoise;
}

/** What one step did. */
export interface StepOutcome extends Proposal {
  readonly state: SamplerState;
  /** [positions] logProb + choice noise; +infinity where the token was known before. */
  readonly confidence: Float32Array<ArrayBuffer>;
  /** The official rule's count, at least 1; it has no effect in the last step, which leaves nothing masked. */
  readonly maskCount: number;
}

/** The state before the first step. `settings.startStep` skips the steps before it, as the reference's edits do. */
export function start(settings: SamplerSettings, tokens: Int32Array): SamplerState {
  if (!(settings.steps >= 1)) throw new Failure('BadRequest', `steps is ${settings.steps}; ask for at least 1`);
  if (!(settings.startStep >= 0 && settings.startStep < settings.steps)) {
    throw new Failure(
      'BadRequest',
      `startStep is ${settings.startStep}; it must be 0 to ${settings.steps - 1}, below steps`,
    );
  }
  return { step: settings.startStep, unknownAtStart: countMasked(tokens), tokens: Int32Array.from(tokens) };
}

/** Whether no step is left, or nothing is masked. */
export function isDone(state: SamplerState, settings: SamplerSettings): boolean {
  return state.step >= settings.steps || !state.tokens.includes(MASK);
}

/**
 * One MaskGIT step from the network's logits (Chang et al. 2022, section 3.3; libml/parallel_decode.py): draw a code
 * for every masked position, then `advance`.
 *
 * @param logits [positions, codebook], guidance applied
 */
export function sampleStep(run: SamplerRun, state: SamplerState, logits: Float32Array): StepOutcome {
  const { settings, seed, banned, noise, codebook } = run;
  if (banned !== undefined && !banned.includes(0)) {
    throw new Failure('BadRequest', `bannedCodes bans all ${codebook} codes; leave at least one to draw`);
  }
  const runLength = state.tokens.length * codebook;
  const offset = (state.step - settings.startStep) * runLength;
  const proposal = drawTokens(logits, state.tokens, {
    seed,
    step: state.step,
    temperature: temperatureAt(settings, state.step),
    ...(banned && { banned }),
    ...(noise && { drawNoise: noise.drawNoise.subarray(offset, offset + runLength) }),
  });
  return advance(run, state, proposal);
}

/**
 * Accept the proposal wherever it was unknown, then mask the least confident of those again, exactly as many as the
 * schedule says; of equal confidences the lower position is masked first. Tokens once known never change.
 */
export function advance(run: SamplerRun, state: SamplerState, proposal: Proposal): StepOutcome {
  const progress = progressAt(run.settings, state);
  const count = countFor(run.settings, progress);
  const confidence = confidenceOf(run, state, proposal);
  const tokens = Int32Array.from(state.tokens, (token, p) => (token === MASK ? proposal.guess[p]! : token));
  const { order } = run.settings;
  const value = order === 'confidence' ? confidence : keepEarliest(order, run.grid);
  for (const p of leastFirst(state.tokens, value).slice(0, maskedAfter(count, progress))) tokens[p] = MASK;
  return { ...proposal, state: { ...state, step: state.step + 1, tokens }, confidence, maskCount: count };
}

/** Scale of the choice noise at a step: choiceTemperature · (1 − r), in f32 as the official code. */
export function choiceScaleAt(settings: SamplerSettings, step: number): number {
  return f32(f32(settings.choiceTemperature) * annealedTo(settings, step));
}

/** The temperature of a step's draws. */
export function temperatureAt(settings: SamplerSettings, step: number): number {
  const { temperature, temperatureRamp } = settings;
  return temperatureRamp === 'constant' ? temperature : f32(f32(temperature) * annealedTo(settings, step));
}

/** 1 − r, with r counted after the step or before it; 0 in the last step, or 1 / steps. */
function annealedTo({ steps, annealing }: SamplerSettings, step: number): number {
  return f32(1 - progressOf({ step: annealing === 'after' ? step : step - 1, steps }));
}

/** What a step's counts are, known before the run starts: nothing of them depends on what is drawn. */
export interface StepCount {
  readonly step: number;
  /** Tokens masked before the step. */
  readonly unknown: number;
  /** The official rule's count, as `StepOutcome.maskCount`. */
  readonly maskCount: number;
  /** Tokens masked after the step; 0 after the last. */
  readonly masked: number;
}

/** The counts of every step that a run executes from this state; the Halton order with 'arccos' counts as its authors do. */
export function stepCounts(settings: SamplerSettings, state: SamplerState): StepCount[] {
  const counts: StepCount[] = [];
  let unknown = countMasked(state.tokens);
  for (let step = state.step; step < settings.steps && unknown > 0; step++) {
    const progress = { step, steps: settings.steps, unknownAtStart: state.unknownAtStart, unknown };
    const count = countFor(settings, progress);
    const masked = maskedAfter(count, progress);
    counts.push({ step, unknown, maskCount: count, masked });
    unknown = masked;
  }
  return counts;
}

function countFor({ schedule, order }: SamplerSettings, progress: Progress): number {
  return order === 'halton' && schedule === 'arccos' ? haltonMaskCount(progress) : maskCount(schedule, progress);
}

function progressAt({ steps }: SamplerSettings, { step, unknownAtStart, tokens }: SamplerState): Progress {
  return { step, steps, unknownAtStart, unknown: countMasked(tokens) };
}

/** How many tokens are MASK. */
export function countMasked(tokens: Int32Array): number {
  return tokens.reduce((count, token) => count + (token === MASK ? 1 : 0), 0);
}

/** Score + scale · Gumbel, +infinity where the token is known. [positions] */
function confidenceOf(run: SamplerRun, state: SamplerState, proposal: Proposal): Float32Array<ArrayBuffer> {
  const { settings, seed, noise } = run;
  const scale = choiceScaleAt(settings, state.step);
  const offset = (state.step - settings.startStep) * state.tokens.length;
  return Float32Array.from(proposal[settings.score], (value, p) => {
    if (state.tokens[p] !== MASK) return Infinity;
    const draw = noise ? noise.choiceNoise[offset + p]! : gumbel(seed, state.step, p, CHOICE_LANE);
    return f32(value + f32(scale * draw));
  });
}

/** [positions] larger where the order comes earlier: these are fixed first. */
function keepEarliest(order: FixedOrder, grid: Grid): Float32Array {
  return Float32Array.from(ranksOf(order, grid), (rank) => -rank);
}

/** The masked positions by rising value; equal values in raster order. */
function leastFirst(tokens: Int32Array, value: Float32Array): number[] {
  const open = [...tokens.keys()].filter((p) => tokens[p] === MASK);
  return open.sort((a, b) => value[a]! - value[b]! || a - b);
}
