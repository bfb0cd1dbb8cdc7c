/**
 * Names of the curves γ(r): Chang et al., "MaskGIT" (2022), section 3.3 and the appendix, as the official
 * code has them (libml/mask_schedule.py); arccos as in the Halton sampler and TiTok.
 */
const curveNames = ['cosine', 'linear', 'square', 'cubic', 'sqrt', 'exponential', 'logarithmic', 'arccos'] as const;
type CurveName = (typeof curveNames)[number];

/**
 * Names of the mask schedules: the curves, and `arccosIncrements` of valeo's MaskGIT-pytorch, whose "arccos" says how
 * many tokens a step reveals and not how many stay masked.
 */
export const scheduleNames = [...curveNames, 'arccosIncrements'] as const;
export type ScheduleName = (typeof scheduleNames)[number];

const f32 = Math.fround;
const HALF_PI = f32(Math.PI / 2);

/**
 * γ before clipping: the fraction of the `unknown` tokens of the start that stays masked at progress r in (0, 1].
 * Every operation is rounded to f32, as the official code computes: cos(π/3) is then 0.49999997, and a count of
 * 0.5 · 256 floors to 127 and not to 128.
 */
const formulas: Readonly<Record<CurveName, (r: number, unknown: number) => number>> = {
  cosine: (r) => f32(Math.cos(f32(HALF_PI * r))),
  linear: (r) => f32(1 - r),
  square: (r) => f32(1 - f32(r * r)),
  cubic: (r) => f32(1 - f32(f32(r * r) * r)),
  sqrt: (r) => f32(1 - f32(Math.sqrt(r))),
  exponential: (r, unknown) => f32(1 - f32(2 ** f32(f32(-Math.log2(unknown)) * f32(1 - r)))),
  logarithmic: (r, unknown) => f32(f32(-Math.log2(r)) / f32(Math.log2(unknown))),
  arccos: (r) => f32(f32(Math.acos(r)) / HALF_PI),
};

/**
 * Fraction of the tokens unknown at the start that stays masked at progress r = (step + 1) / steps, clipped to
 * [1e-6, 1] as the official code does. 'exponential' and 'logarithmic' depend on how many were unknown.
 */
export function maskFraction(schedule: CurveName, r: number, unknownAtStart: number): number {
  // One unknown token would put log2(1) = 0 under the fraction bar; two give the same counts.
  const fraction = formulas[schedule](f32(r), Math.max(2, unknownAtStart));
  return Math.min(1, Math.max(f32(1e-6), fraction));
}

/** Where a run stands before a step, as far as its counts go. */
export interface Progress {
  /** 0-based step about to be executed, and how many the schedule has. */
  readonly step: number;
  readonly steps: number;
  /** Tokens unknown when the run started, and before this step. */
  readonly unknownAtStart: number;
  readonly unknown: number;
}

/** r after the step of this progress, in f32. */
export function progressOf({ step, steps }: Pick<Progress, 'step' | 'steps'>): number {
  return f32(f32(step + 1) / f32(steps));
}

/**
 * How many tokens the schedule masks again after this step: max(1, min(unknown − 1, ⌊γ(r) · unknownAtStart⌋)), the
 * official rule and what a trace records as `maskCount`. Its last step says 1 as well, and there it has no effect:
 * the picture is the guess of that step (see `maskedAfter`). A single unknown token waits for the last step.
 */
export function maskCount(schedule: ScheduleName, progress: Progress): number {
  const { step, steps, unknownAtStart, unknown } = progress;
  if (schedule === 'arccosIncrements')
    return keepWithin(unknownAtStart - incrementsUpTo(step, steps, unknownAtStart), unknown);
  const scheduled = Math.floor(f32(unknownAtStart * maskFraction(schedule, progressOf(progress), unknownAtStart)));
  return keepWithin(scheduled, unknown);
}

/**
 * The counts of the Halton sampler (Besnier et al., 2025), which reveals max(step + 1, ⌊N · (1 − arccos(r) / (π/2))⌋)
 * tokens and rounds in doubles; within the same bounds as `maskCount`.
 */
export function haltonMaskCount(progress: Progress): number {
  const { step, steps, unknownAtStart, unknown } = progress;
  const curve = 1 - Math.acos((step + 1) / steps) / (Math.PI / 2);
  return keepWithin(unknownAtStart - Math.max(step + 1, Math.floor(unknownAtStart * curve)), unknown);
}

/**
 * Tokens that valeo's MaskGIT-pytorch has revealed after a step (`adap_sche` with "arccos"): each step's share grows with
 * arccos(1 − step / (steps − 1)), rounded to even and at least 1; the last takes what is left.
 */
function incrementsUpTo(step: number, steps: number, unknownAtStart: number): number {
  if (step + 1 >= steps) return unknownAtStart;
  const curve = Array.from({ length: steps }, (_, i) => Math.acos(1 - i / (steps - 1)));
  const sum = curve.reduce((a, b) => a + b);
  const increments = curve.map((value) => Math.max(1, roundToEven((value / sum) * unknownAtStart)));
  return increments.slice(0, step + 1).reduce((a, b) => a + b);
}

function roundToEven(value: number): number {
  const whole = Math.round(value);
  return whole - value === 0.5 && whole % 2 === 1 ? whole - 1 : whole;
}

/** Every step fixes at least one token and leaves at least one. */
function keepWithin(count: number, unknown: number): number {
  return Math.max(1, Math.min(unknown - 1, count));
}

/** How many tokens are masked once the step is done: its `maskCount`, but none after the last step. */
export function maskedAfter(count: number, { step, steps, unknown }: Progress): number {
  return step + 1 >= steps ? 0 : Math.min(count, unknown);
}
