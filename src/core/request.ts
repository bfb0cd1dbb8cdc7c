import type { TokenMask } from './mask.ts';
import type { ScheduleName } from './schedules.ts';

/** How a run is sampled. engine.md and the docstrings of core/sampler.ts give the meaning of every number. */
export interface SamplerSettings {
  readonly steps: number;
  /** First executed step, 0 unless a part of the schedule is skipped (the reference edits from step 2 of 12). */
  readonly startStep: number;
  readonly schedule: ScheduleName;
  /** Divides the logits before a token is drawn. */
  readonly temperature: number;
  /** Whether the temperature stays as it is or is annealed to 0, so that the last draws are greedy (MUSE-Pytorch). */
  readonly temperatureRamp: 'constant' | 'annealed';
  /** Scale of the Gumbel noise on the confidence; annealed to 0. */
  readonly choiceTemperature: number;
  /** What annealing multiplies by: 1 − r after the step, (1 − (step + 1) / steps), or before it, (1 − step / steps) (valeo). */
  readonly annealing: 'after' | 'before';
  /** What the noise on the confidence is added to: the log-probability of the draw, or its bare logit (MUSE-Pytorch). */
  readonly score: 'logProb' | 'logit';
  /** w in (1 + w) · conditional − w · unconditional; 0 switches guidance off. */
  readonly guidanceScale: number;
  /** Whether w is constant or grows linearly, w · step / (steps − 1). */
  readonly guidanceRamp: 'constant' | 'linear';
  /** Who is fixed first: the positions the model is surest of, the 2-D Halton sequence, or row by row from the left. */
  readonly order: 'confidence' | 'halton' | 'raster';
  /** Corrector steps after those of the schedule (core/corrections.ts): greedy, with guidance 1 at most, half of what was painted at a time. */
  readonly corrections: number;
}

/** The official sampler's numbers, with the paper's 8 steps for a picture of 256 pixels; a model may bring its own. */
export const defaultSettings: SamplerSettings = {
  steps: 8,
  startStep: 0,
  schedule: 'cosine',
  temperature: 1,
  temperatureRamp: 'constant',
  choiceTemperature: 4.5,
  annealing: 'after',
  score: 'logProb',
  guidanceScale: 0,
  guidanceRamp: 'constant',
  order: 'confidence',
  corrections: 0,
};

/** Gumbel values used in place of the generator's, one run for each executed step of the schedule; corrector steps need none. */
export interface ExplicitNoise {
  /** [runs, positions, codebook] */
  readonly drawNoise: Float32Array;
  /** [runs, positions] */
  readonly choiceNoise: Float32Array;
}

export interface GenerateRequest {
  /** The class that every masked position is painted as; -1 is "no class" in a model that has a null class. */
  readonly classId: number;
  /** 32-bit unsigned. */
  readonly seed: number;
  readonly settings: SamplerSettings;
  /** [positions], MASK where to paint; absent means everywhere. */
  readonly tokens?: Int32Array;
  /**
   * For a run that resumes another one (`settings.startStep` > 0 and that run's tokens): [positions] 1 where a token was
   * unknown when the other run started, because the schedule counts in fractions of these and corrector steps go over all
   * of them. Absent: what is masked now.
   */
  readonly painted?: TokenMask;
  /** [positions] class of each position where it differs from `classId` (several boxes, several classes). */
  readonly classOfPosition?: Int32Array;
  /** Codes that must not be drawn. */
  readonly bannedCodes?: readonly number[];
  readonly noise?: ExplicitNoise;
  /** false: the tokens are all that is wanted. Nothing is decoded, and the picture of the result has no pixels. */
  readonly wantsPicture?: false;
}
