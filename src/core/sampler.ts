import { halfOf, isCorrector, paintedHalf } from './corrections.ts';
import { drawTokens, type Proposal } from './draw.ts';
import { Failure } from './failure.ts';
import { MASK, type Grid } from './grid.ts';
import { ranksOf, type FixedOrder } from './halton.ts';
import { maskTokens, type TokenMask } from './mask.ts';
import type { ExplicitNoise, SamplerSettings } from './request.ts';
import { CHOICE_LANE, gumbel } from './rng.ts';
import { haltonMaskCount, maskCount, maskedAfter, progressOf, type Progress } from './schedules.ts';

const f32 = Math.fround;

/** Where a run stands between two steps: all that a resumed run needs. */
export interface SamplerState {
  /** 0-based step that comes next; corrector steps follow those of the schedule. */
  readonly step: number;
  /** [positions] 1 where a token was unknown when the run started; the schedule counts in fractions of how many these are. */
  readonly painted: TokenMask;
  /** [positions], MASK where unknown; no MASK once the schedule is done. */
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
  /** The official rule's count, at least 1; it has no effect in the schedule's last step, which leaves nothing masked. 0 in a corrector step. */
  readonly maskCount: number;
}

/**
 * The state before the first step. `settings.startStep` skips the steps before it, as the reference's edits do.
 *
 * @param painted of a run that is resumed: what was unknown when it started; by default what is masked now
 */
export function start(
  settings: SamplerSettings,
  tokens: Int32Array,
  painted: TokenMask = maskedIn(tokens),
): SamplerState {
  if (!(settings.steps >= 1)) throw new Failure('BadRequest', `steps is ${settings.steps}; ask for at least 1`);
  if (!(settings.startStep >= 0 && settings.startStep < settings.steps)) {
    throw new Failure(
      'BadRequest',
      `startStep is ${settings.startStep}; it must be 0 to ${settings.steps - 1}, below steps`,
    );
  }
  return { step: settings.startStep, painted, tokens: Int32Array.from(tokens) };
}

/** Whether no step is left, or there was nothing to paint. */
export function isDone(state: SamplerState, { steps, corrections }: SamplerSettings): boolean {
  return state.step >= steps + corrections || !state.painted.includes(1);
}

/** What the network sees in the step that comes next: the tokens, of which a corrector step masks its half. */
export function inputTokens(
  { settings, grid }: Pick<SamplerRun, 'settings' | 'grid'>,
  { step, painted, tokens }: SamplerState,
): Int32Array<ArrayBuffer> {
  if (!isCorrector(settings, step)) return tokens;
  return maskTokens(tokens, paintedHalf(halfOf(step - settings.steps), painted, grid));
}

/**
 * One MaskGIT step from the network's logits (Chang et al. 2022, section 3.3; libml/parallel_decode.py): draw a code
 * for every masked position, then `advance`. A corrector step takes the likeliest codes and is done with it.
 *
 * @param logits [positions, codebook] of `inputTokens`, guidance applied
 */
export function sampleStep(run: SamplerRun, state: SamplerState, logits: Float32Array): StepOutcome {
  const { settings, seed, banned, noise, codebook } = run;
  if (banned !== undefined && !banned.includes(0)) {
    throw new Failure('BadRequest', `bannedCodes bans all ${codebook} codes; leave at least one to draw`);
  }
  const runLength = state.tokens.length * codebook;
  const offset = (state.step - settings.startStep) * runLength;
  const proposal = drawTokens(logits, inputTokens(run, state), {
    seed,
    step: state.step,
    temperature: temperatureAt(settings, state.step),
    ...(banned && { banned }),
    ...(noise && state.step < settings.steps && { drawNoise: noise.drawNoise.subarray(offset, offset + runLength) }),
  });
  return advance(run, state, proposal);
}

/**
 * Accept the proposal wherever it was unknown, then mask the least confident of those again, exactly as many as the
 * schedule says; of equal confidences the lower position is masked first. Tokens once known do not change in the steps of
 * the schedule, and those known at the start never.
 */
export function advance(run: SamplerRun, state: SamplerState, proposal: Proposal): StepOutcome {
  const { settings, grid } = run;
  const input = inputTokens(run, state);
  const confidence = confidenceOf(run, state.step, input, proposal);
  const tokens = Int32Array.from(input, (token, p) => (token === MASK ? proposal.guess[p]! : token));
  const next = { ...state, step: stepAfter(settings, state, grid), tokens };
  if (isCorrector(settings, state.step)) return { ...proposal, state: next, confidence, maskCount: 0 };
  const progress = progressAt(settings, state);
  const count = countFor(settings, progress);
  const { order } = settings;
  const value = order === 'confidence' ? confidence : keepEarliest(order, grid);
  for (const p of leastFirst(input, value).slice(0, maskedAfter(count, progress))) tokens[p] = MASK;
  return { ...proposal, state: next, confidence, maskCount: count };
}

/** The step that comes after this one: a corrector step in whose half nothing is painted is left out. */
function stepAfter(
  { steps, corrections }: SamplerSettings,
  { step, painted }: Pick<SamplerState, 'step' | 'painted'>,
  grid: Grid,
): number {
  for (let next = step + 1; next < steps + corrections; next++) {
    if (next < steps || paintedHalf(halfOf(next - steps), painted, grid).includes(1)) return next;
  }
  return steps + corrections;
}

/** Scale of the choice noise at a step: choiceTemperature · (1 − r), in f32 as the official code; 0 in a corrector step. */
export function choiceScaleAt(settings: SamplerSettings, step: number): number {
  if (isCorrector(settings, step)) return 0;
  return f32(f32(settings.choiceTemperature) * annealedTo(settings, step));
}

/** The temperature of a step's draws; 0 in a corrector step. */
export function temperatureAt(settings: SamplerSettings, step: number): number {
  const { temperature, temperatureRamp } = settings;
  if (isCorrector(settings, step)) return 0;
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
  /** Tokens masked after the step; 0 from the schedule's last on. */
  readonly masked: number;
}

/** The counts of every step that a run executes from this state; the Halton order with 'arccos' counts as its authors do. */
export function stepCounts(settings: SamplerSettings, state: SamplerState, grid: Grid): StepCount[] {
  const counts: StepCount[] = [];
  const unknownAtStart = countPainted(state.painted);
  let unknown = countMasked(state.tokens);
  let { step } = state;
  for (; step < settings.steps && unknown > 0; step++) {
    const progress = { step, steps: settings.steps, unknownAtStart, unknown };
    const count = countFor(settings, progress);
    const masked = maskedAfter(count, progress);
    counts.push({ step, unknown, maskCount: count, masked });
    unknown = masked;
  }
  const { steps, corrections } = settings;
  step = Math.max(step, stepAfter(settings, { ...state, step: steps - 1 }, grid));
  for (; step < steps + corrections; step = stepAfter(settings, { ...state, step }, grid)) {
    const half = paintedHalf(halfOf(step - steps), state.painted, grid);
    counts.push({ step, unknown: countPainted(half), maskCount: 0, masked: 0 });
  }
  return counts;
}

function countFor({ schedule, order }: SamplerSettings, progress: Progress): number {
  return order === 'halton' && schedule === 'arccos' ? haltonMaskCount(progress) : maskCount(schedule, progress);
}

function progressAt({ steps }: SamplerSettings, { step, painted, tokens }: SamplerState): Progress {
  return { step, steps, unknownAtStart: countPainted(painted), unknown: countMasked(tokens) };
}

/** [positions] 1 where a token is MASK. */
export function maskedIn(tokens: Int32Array): TokenMask {
  return Uint8Array.from(tokens, (token) => (token === MASK ? 1 : 0));
}

/** How many positions a mask paints. */
function countPainted(mask: TokenMask): number {
  return mask.reduce((count, paint) => count + paint, 0);
}

/** How many tokens are MASK. */
export function countMasked(tokens: Int32Array): number {
  return tokens.reduce((count, token) => count + (token === MASK ? 1 : 0), 0);
}

/** Score + scale · Gumbel, +infinity where the token is known. [positions] */
function confidenceOf(
  { settings, seed, noise }: SamplerRun,
  step: number,
  input: Int32Array,
  proposal: Proposal,
): Float32Array<ArrayBuffer> {
  const scale = choiceScaleAt(settings, step);
  const offset = (step - settings.startStep) * input.length;
  return Float32Array.from(proposal[settings.score], (value, p) => {
    if (input[p] !== MASK) return Infinity;
    if (scale === 0) return value;
    const draw = noise ? noise.choiceNoise[offset + p]! : gumbel(seed, step, p, CHOICE_LANE);
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
