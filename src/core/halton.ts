import { positionCount, type Grid } from './grid.ts';
import type { SamplerSettings } from './request.ts';

/**
 * The radical inverse of `index` in `base`, scaled to 0 … size − 1 and rounded down. In integers, so that a point on
 * a cell's edge falls into the cell that exact arithmetic says.
 */
function scaledRadicalInverse(index: number, base: number, size: number): number {
  let numerator = 0;
  let denominator = 1;
  for (let rest = index; rest > 0; rest = Math.floor(rest / base)) {
    numerator = numerator * base + (rest % base);
    denominator *= base;
  }
  return Math.floor((numerator * size) / denominator);
}

/**
 * Every position of the grid once, in the order in which the 2-D Halton sequence (base 2 down the rows, base 3 across
 * the columns, from index 1) first meets it: an order that spreads evenly at every length. Besnier et al., "Halton
 * scheduler for masked generative image transformer" (2025).
 *
 * @returns [positions] positions, first come first
 */
export function haltonOrder(grid: Grid): Int32Array<ArrayBuffer> {
  const count = positionCount(grid);
  const order = new Int32Array(count);
  const seen = new Uint8Array(count);
  for (let index = 1, found = 0; found < count; index++) {
    const row = scaledRadicalInverse(index, 2, grid.rows);
    const position = row * grid.cols + scaledRadicalInverse(index, 3, grid.cols);
    if (seen[position] === 1) continue;
    seen[position] = 1;
    order[found++] = position;
  }
  return order;
}

/** The place of every position in the Halton order, [positions]; 0 is fixed first. */
export function haltonRanks(grid: Grid): Int32Array<ArrayBuffer> {
  const order = haltonOrder(grid);
  const ranks = new Int32Array(order.length);
  order.forEach((position, rank) => (ranks[position] = rank));
  return ranks;
}

/** An order of fixing that is known before anything is drawn. */
export type FixedOrder = Exclude<SamplerSettings['order'], 'confidence'>;

/** The place of every position in such an order, [positions]; 0 is fixed first. */
export function ranksOf(order: FixedOrder, grid: Grid): Int32Array<ArrayBuffer> {
  if (order === 'halton') return haltonRanks(grid);
  return Int32Array.from({ length: positionCount(grid) }, (_, position) => position);
}
