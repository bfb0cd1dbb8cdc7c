import { isCorrector } from './corrections.ts';
import { MASK } from './grid.ts';
import type { GenerateRequest, SamplerSettings } from './request.ts';

/** "No class", the row that guidance pushes away from. */
export const NULL_CLASS = -1;

const f32 = Math.fround;

/** Which classes a run asks the network for, and which of them each position is painted as. */
export interface ClassRows {
  /** The classes of the rows of logits; NULL_CLASS is the last of them when the run is guided. */
  readonly classes: readonly number[];
  /** [positions] the row that a position reads; 0 where the token is known. */
  readonly rowOfPosition: Int32Array<ArrayBuffer>;
  /** The row of NULL_CLASS, or -1 in a run without guidance. */
  readonly nullRow: number;
}

/** One row of logits per class that some masked position wants, and one more for guidance. */
export function classRows(request: GenerateRequest, tokens: Int32Array): ClassRows {
  const rows = new Map<number, number>();
  const rowOf = (id: number): number => {
    if (!rows.has(id)) rows.set(id, rows.size);
    return rows.get(id)!;
  };
  const rowOfPosition = new Int32Array(tokens.length);
  tokens.forEach((token, p) => {
    if (token === MASK) rowOfPosition[p] = rowOf(request.classOfPosition?.[p] ?? request.classId);
  });
  const nullRow = request.settings.guidanceScale === 0 ? -1 : rowOf(NULL_CLASS);
  return { classes: [...rows.keys()], rowOfPosition, nullRow };
}

/** The same rows where guidance has no weight; undefined when there is no row of NULL_CLASS to spare. */
export function withoutNullRow(rows: ClassRows): ClassRows | undefined {
  const { classes, rowOfPosition, nullRow } = rows;
  if (nullRow < 1 || rowOfPosition.includes(nullRow)) return undefined;
  return { classes: classes.slice(0, nullRow), rowOfPosition, nullRow: -1 };
}

/** Guidance in corrector steps at most: they take the likeliest codes, and the likeliest under more guidance are caricatures. */
const MOST_GREEDY_GUIDANCE = 1;

/** w of a step: constant, or w · step / (steps − 1), which is 0 in the first step and w in the last; in a corrector step w, at most 1. */
export function guidanceAt(settings: SamplerSettings, step: number): number {
  const { guidanceScale, guidanceRamp, steps } = settings;
  if (isCorrector(settings, step)) return Math.min(guidanceScale, MOST_GREEDY_GUIDANCE);
  return guidanceRamp === 'constant' || steps === 1 ? guidanceScale : (guidanceScale * step) / (steps - 1);
}

/**
 * (1 + w) · conditional − w · unconditional at every position, in f32 (Ho and Salimans 2022; the form of the Halton
 * sampler, where w = 0 is no guidance).
 *
 * @param logits [rows, positions, codebook]
 * @returns [positions, codebook]
 */
export function guide(
  logits: Float32Array,
  rows: ClassRows,
  codebook: number,
  scale: number,
): Float32Array<ArrayBuffer> {
  const positions = rows.rowOfPosition.length;
  const guided = new Float32Array(positions * codebook);
  for (let p = 0; p < positions; p++) {
    const conditional = (rows.rowOfPosition[p]! * positions + p) * codebook;
    const unconditional = (rows.nullRow * positions + p) * codebook;
    for (let c = 0; c < codebook; c++) {
      const wanted = logits[conditional + c]!;
      guided[p * codebook + c] =
        rows.nullRow < 0 ? wanted : f32(f32(f32(1 + scale) * wanted) - f32(f32(scale) * logits[unconditional + c]!));
    }
  }
  return guided;
}
