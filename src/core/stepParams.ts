import { halfBits, halfOf, isCorrector } from './corrections.ts';
import { positionCount, type Grid } from './grid.ts';
import { guidanceAt } from './guidance.ts';
import { ranksOf } from './halton.ts';
import type { TokenMask } from './mask.ts';
import type { SamplerSettings } from './request.ts';
import { choiceScaleAt, temperatureAt } from './sampler.ts';

/**
 * The numbers of one sampling step as the kernels read them: fields of `struct StepParams`
 * (shaders/lib/stepParams.wgsl) in order, 4 bytes each. Written before each replay, so that nothing else changes.
 */
export const stepParamFields = {
  /** Address of the generator. */
  seed: 'u32',
  step: 'u32',
  /** Scales the Gumbel noise of the draw, annealed where the settings say so; 0 takes the likeliest code. */
  temperature: 'f32',
  /** choiceTemperature, annealed. */
  choiceScale: 'f32',
  /** How many tokens are masked once the step is done; 0 in the last. */
  masked: 'u32',
  /** w of this step. */
  guidanceScale: 'f32',
  /** Row of the logits that has no class; -1 in a run without guidance. */
  nullRow: 'i32',
  /** 1 + the half of what is painted that is masked for a corrector step behind this step (`packCells`); 0 for none. */
  reopens: 'u32',
  /** 1: fixed by the rank of the position (Halton, raster), 0: by confidence. */
  byRank: 'u32',
  /** 1: the confidence is the bare logit and noise, 0: the log-probability and noise. */
  byLogit: 'u32',
  /** +infinity, which WGSL cannot write down. */
  infinity: 'f32',
} as const;
export type StepParams = Readonly<Record<keyof typeof stepParamFields, number>>;

/** Length of the packed numbers, in words of 4 bytes. */
export const STEP_PARAM_WORDS = Object.keys(stepParamFields).length;

/** What a step's numbers come from, besides the settings. */
export interface StepAddress {
  readonly seed: number;
  readonly step: number;
  /** Tokens masked after the step: `stepCounts` lists them. */
  readonly masked: number;
  /** `ClassRows.nullRow` */
  readonly nullRow: number;
  /** The step that comes after it, if there is one. */
  readonly next?: number | undefined;
}

/** The numbers of a step. */
export function stepParamsOf(
  settings: SamplerSettings,
  { seed, step, masked, nullRow, next = 0 }: StepAddress,
): StepParams {
  return {
    seed,
    step,
    temperature: temperatureAt(settings, step),
    choiceScale: choiceScaleAt(settings, step),
    masked,
    guidanceScale: guidanceAt(settings, step),
    nullRow,
    reopens: isCorrector(settings, next) ? 1 + halfOf(next - settings.steps) : 0,
    byRank: settings.order === 'confidence' ? 0 : 1,
    byLogit: settings.score === 'logit' ? 1 : 0,
    infinity: Infinity,
  };
}

/**
 * What the device knows of each cell in all steps of a run, [positions]: its place in the fixed order, if there is one, in
 * bits 0 to 15, and from bit 16 on the halves that it is in where it is painted. One number, because a kernel may have no
 * more than 8 buffers.
 */
export function packCells(
  { order, corrections }: SamplerSettings,
  painted: TokenMask,
  grid: Grid,
): Uint32Array<ArrayBuffer> {
  const cells = new Uint32Array(positionCount(grid));
  if (order !== 'confidence') cells.set(ranksOf(order, grid));
  if (corrections > 0) halfBits(painted, grid).forEach((bits, p) => (cells[p]! |= bits << 16));
  return cells;
}

/** The numbers as the device reads them, [STEP_PARAM_WORDS]; floats are their bits. */
export function packStepParams(values: StepParams): Uint32Array<ArrayBuffer> {
  const view = new DataView(new ArrayBuffer(STEP_PARAM_WORDS * 4));
  eachField((name, type, offset) => {
    if (type === 'f32') view.setFloat32(offset, values[name], true);
    else view.setUint32(offset, values[name], true); // modulo 2³², which is two's complement for -1
  });
  return new Uint32Array(view.buffer);
}

/** The inverse of `packStepParams`, of the picture `at` where several were packed one after the other. */
export function unpackStepParams(words: Uint32Array, at = 0): StepParams {
  const view = new DataView(words.slice(at * STEP_PARAM_WORDS).buffer);
  const values: Record<string, number> = {};
  eachField((name, type, offset) => {
    const get = { f32: view.getFloat32, u32: view.getUint32, i32: view.getInt32 }[type];
    values[name] = get.call(view, offset, true);
  });
  return values as StepParams;
}

function eachField(visit: (name: keyof StepParams, type: 'u32' | 'i32' | 'f32', offset: number) => void): void {
  const names = Object.keys(stepParamFields) as (keyof StepParams)[];
  names.forEach((name, i) => visit(name, stepParamFields[name], 4 * i));
}
