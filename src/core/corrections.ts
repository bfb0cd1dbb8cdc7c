import { positionCount, type Grid } from './grid.ts';
import type { TokenMask } from './mask.ts';
import type { SamplerSettings } from './request.ts';

/**
 * Corrector steps come after the schedule: each masks about half of the painted positions and takes the likeliest code at
 * each, given all the others. The schedule draws many tokens of a step without one seeing the other, and what it fixed it
 * never looks at again; here every token is looked at once more, with its neighbours around it (iterated conditional
 * modes: Besag 1986; as correctors of discrete diffusion: Campbell et al. 2022).
 *
 * The halves are the cells of a chequerboard, one colour after the other, then squares of 2 × 2 cells likewise, and so on
 * from the first: one half sees its four neighbours, the other goes beyond single cells.
 */
const HALVES = [
  { size: 1, colour: 0 },
  { size: 1, colour: 1 },
  { size: 2, colour: 0 },
  { size: 2, colour: 1 },
] as const;

/** Whether a step is a corrector step: those come behind the steps of the schedule. */
export function isCorrector({ steps, corrections }: SamplerSettings, step: number): boolean {
  return step >= steps && step < steps + corrections;
}

/** Which of the halves corrector step `index` (0-based) masks; steps with the same answer mask the same. */
export function halfOf(index: number): number {
  return index % HALVES.length;
}

/** [positions] what is painted and lies in this half. */
export function paintedHalf(half: number, painted: TokenMask, { cols }: Grid): TokenMask {
  const { size, colour } = HALVES[half]!;
  return painted.map((isPainted, p) => {
    const square = Math.floor(p / cols / size) + Math.floor((p % cols) / size);
    return isPainted === 1 && square % 2 === colour ? 1 : 0;
  });
}

/** [positions] bit h: painted, and in half h. */
export function halfBits(painted: TokenMask, grid: Grid): Uint32Array<ArrayBuffer> {
  const bits = new Uint32Array(positionCount(grid));
  HALVES.forEach((_, half) => paintedHalf(half, painted, grid).forEach((isIn, p) => (bits[p]! |= isIn << half)));
  return bits;
}
