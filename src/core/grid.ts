/** A cell of the token grid whose code is not known yet. On the wire and in files it is -1. */
export const MASK = -1;

/** The token grid: `rows` × `cols` cells in raster order; a cell's index is its position. */
export interface Grid {
  readonly rows: number;
  readonly cols: number;
}

/** Number of positions in the grid. */
export function positionCount({ rows, cols }: Grid): number {
  return rows * cols;
}

/** Most positions of a grid that a transformer paints, 32 × 32: what a step ranks in workgroup memory. */
export const MOST_POSITIONS = 1024;

/** A grid of which nothing is known. */
export function blankTokens(grid: Grid): Int32Array<ArrayBuffer> {
  return new Int32Array(positionCount(grid)).fill(MASK);
}
