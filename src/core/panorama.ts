import { Failure } from './failure.ts';
import { MASK, positionCount, type Grid } from './grid.ts';
import type { Box, TokenMask } from './mask.ts';

/**
 * A panorama is a token grid larger than the model's own. The model never sees it whole: a run takes a window of the
 * model's size out of it, paints what is MASK there, and puts its tokens back. Tokens that are known stay as they are,
 * whichever window sees them, and nothing is ever encoded a second time (Chang et al. 2022, section 4.3.2:
 * extrapolation in any direction, panoramas by repeated extrapolation).
 */
export const directions = ['left', 'right', 'up', 'down'] as const;
export type Direction = (typeof directions)[number];

/** Most windows that a panorama may be long or high: what a canvas and a disk still take at 512 pixels a window. */
export const MAX_WINDOWS_A_SIDE = 8;

/** Values a position: tokens, masks, probabilities. */
type Values = Int32Array | Float32Array | Uint8Array | Uint8ClampedArray;

/** A picture with half a window more, before that is painted. */
export interface Extension {
  /** The larger grid, and where the picture before lies in it, in cells. */
  readonly grid: Grid;
  readonly at: Box;
  /** [positions] of the larger grid: the tokens before, MASK where there were none. */
  readonly tokens: Int32Array<ArrayBuffer>;
  /** [positions] 1 where to paint: everything new. */
  readonly mask: TokenMask;
}

/** Cells that an extension adds unless another number is asked for: half of the model's grid, at least one. */
export function halfOf(window: Grid, direction: Direction): number {
  const side = isSideways(direction) ? window.cols : window.rows;
  return Math.max(1, Math.floor(side / 2));
}

/** The grid after an extension of `grid` by a number of cells, and where `grid` lies in it. */
export function extendedGrid(
  grid: Grid,
  window: Grid,
  direction: Direction,
  by = halfOf(window, direction),
): { grid: Grid; at: Box } {
  const isWider = isSideways(direction);
  return {
    grid: { rows: grid.rows + (isWider ? 0 : by), cols: grid.cols + (isWider ? by : 0) },
    at: {
      row: direction === 'up' ? by : 0,
      col: direction === 'left' ? by : 0,
      height: grid.rows,
      width: grid.cols,
    },
  };
}

/** Whether an extension in this direction adds columns, and not rows. */
export function isSideways(direction: Direction): boolean {
  return direction === 'left' || direction === 'right';
}

/** The most cells by which a picture can still be extended. */
export function roomFor(grid: Grid, window: Grid, direction: Direction): number {
  const room = isSideways(direction)
    ? MAX_WINDOWS_A_SIDE * window.cols - grid.cols
    : MAX_WINDOWS_A_SIDE * window.rows - grid.rows;
  return Math.max(0, room);
}

/** Whether a picture is still small enough to be extended. */
export function canExtend(grid: Grid, window: Grid, direction: Direction, by?: number): boolean {
  const { rows, cols } = extendedGrid(grid, window, direction, by).grid;
  return rows <= MAX_WINDOWS_A_SIDE * window.rows && cols <= MAX_WINDOWS_A_SIDE * window.cols;
}

/**
 * The picture with half a window more in one direction, or with `by` cells.
 *
 * @param tokens [positions] of `grid`
 * @throws Failure BadRequest when it would be larger than MAX_WINDOWS_A_SIDE windows
 */
export function extend(tokens: Int32Array, grid: Grid, window: Grid, direction: Direction, by?: number): Extension {
  if (!canExtend(grid, window, direction, by)) {
    throw new Failure(
      'BadRequest',
      `the picture has ${grid.rows} × ${grid.cols} tokens; ${MAX_WINDOWS_A_SIDE} times the model's own ${window.rows} × ${window.cols} are the most, so it cannot be extended ${direction}`,
    );
  }
  const { grid: larger, at } = extendedGrid(grid, window, direction, by);
  const all = new Int32Array(positionCount(larger)).fill(MASK);
  putWindow(all, larger, at, tokens);
  return { grid: larger, at, tokens: all, mask: Uint8Array.from(all, (token) => (token === MASK ? 1 : 0)) };
}

/**
 * The windows that paint a mask, in the order in which they run. One window, with the mask in its middle, is enough where
 * the mask and a margin of a quarter of a window fit; a longer one is covered by windows that overlap by at least half,
 * so that each sees what the one before it painted. Windows without anything to paint are left out.
 */
export function windowsOver(mask: TokenMask, grid: Grid, window: Grid): Box[] {
  const open = [...mask.keys()].filter((p) => mask[p] === 1);
  const rows = open.map((p) => Math.floor(p / grid.cols));
  const cols = open.map((p) => p % grid.cols);
  const windows = starts(rows, grid.rows, window.rows).flatMap((row) =>
    starts(cols, grid.cols, window.cols).map((col) => ({ row, col, height: window.rows, width: window.cols })),
  );
  const left = mask.slice();
  return windows.filter((box) => {
    if (!takeWindow(left, grid, box).includes(1)) return false;
    putWindow(left, grid, box, new Uint8Array(positionCount(window)));
    return true;
  });
}

/** Where windows of `side` cells begin that cover all of `at`, along one side of a grid of `length` cells. */
function starts(at: readonly number[], length: number, side: number): number[] {
  if (at.length === 0) return [];
  const margin = Math.floor(side / 4);
  const first = at.reduce((a, b) => Math.min(a, b));
  const end = at.reduce((a, b) => Math.max(a, b)) + 1;
  const within = (start: number): number => Math.min(length - side, Math.max(0, Math.round(start)));
  if (end - first <= side - 2 * margin) return [within((first + end - side) / 2)];
  const [low, high] = [Math.max(0, first - margin), Math.min(length, end + margin)];
  const gaps = Math.max(0, Math.ceil((high - low - side) / Math.max(1, Math.floor(side / 2))));
  return Array.from({ length: gaps + 1 }, (_, i) => within(low + (gaps && (i * (high - low - side)) / gaps)));
}

/** The values inside a box of a grid, in raster order. */
export function takeWindow<V extends Values>(values: V, grid: Grid, { row, col, height, width }: Box): V {
  const taken = values.slice(0, height * width) as V;
  for (let r = 0; r < height; r++) {
    const from = (row + r) * grid.cols + col;
    taken.set(values.subarray(from, from + width), r * width);
  }
  return taken;
}

/** Put values in raster order into a box of a grid. */
export function putWindow(into: Values, grid: Grid, { row, col, height, width }: Box, values: Values): void {
  for (let r = 0; r < height; r++) {
    into.set(values.subarray(r * width, (r + 1) * width), (row + r) * grid.cols + col);
  }
}

/**
 * Pixels as a grid, so that `takeWindow` and `putWindow` work on them: `cell` pixels a cell in both directions, with
 * `channels` values a pixel side by side.
 */
export function pixelGrid({ rows, cols }: Grid, cell: number, channels: number): Grid {
  return { rows: rows * cell, cols: cols * cell * channels };
}

/** A box of cells in the grid of `pixelGrid`. */
export function pixelBox({ row, col, height, width }: Box, cell: number, channels: number): Box {
  return {
    row: row * cell,
    col: col * cell * channels,
    height: height * cell,
    width: width * cell * channels,
  };
}

/** Seed of the window that runs as number `index` of a press: the press's own for the first, far apart for the others. */
export function windowSeed(seed: number, index: number): number {
  return (seed + Math.imul(index, 0x9e3779b9)) >>> 0;
}
