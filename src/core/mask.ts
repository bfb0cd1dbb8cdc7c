import { Failure } from './failure.ts';
import { MASK, positionCount, type Grid } from './grid.ts';

/** A rectangle of the token grid, in cells. */
export interface Box {
  readonly row: number;
  readonly col: number;
  readonly height: number;
  readonly width: number;
}

/** [positions] 1 where to paint. */
export type TokenMask = Uint8Array<ArrayBuffer>;

/**
 * The cells of a box and of a halo of `halo` cells around it, as far as the grid goes. The reference edits with a
 * halo of 1 (class-conditional editing in the official demo).
 *
 * @throws Failure BadRequest when the box is empty or leaves the grid
 */
export function boxMask(box: Box, grid: Grid, halo = 1): TokenMask {
  checkSpan('row', box.row, 'height', box.height, grid.rows);
  checkSpan('col', box.col, 'width', box.width, grid.cols);
  if (!(Number.isInteger(halo) && halo >= 0)) {
    throw new Failure('BadRequest', `halo is ${halo}; it must be a whole number of cells, at least 0`);
  }
  const mask = new Uint8Array(positionCount(grid));
  for (let row = Math.max(0, box.row - halo); row < Math.min(grid.rows, box.row + box.height + halo); row++) {
    const left = row * grid.cols + Math.max(0, box.col - halo);
    const right = row * grid.cols + Math.min(grid.cols, box.col + box.width + halo);
    mask.fill(1, left, right);
  }
  return mask;
}

function checkSpan(first: string, at: number, second: string, length: number, limit: number): void {
  if (!(Number.isInteger(at) && at >= 0 && at < limit)) {
    throw new Failure('BadRequest', `box.${first} is ${at}; it must be a whole number from 0 to ${limit - 1}`);
  }
  if (!(Number.isInteger(length) && length >= 1 && at + length <= limit)) {
    throw new Failure('BadRequest', `box.${second} is ${length}; it must be a whole number from 1 to ${limit - at}`);
  }
}

/** The box of cells that the reference takes a box in pixels for: every number divided by the cell, rounded down. */
export function boxOfPixels(pixels: Box, cellPixels: number): Box {
  const cells = (length: number): number => Math.floor(length / cellPixels);
  return { row: cells(pixels.row), col: cells(pixels.col), height: cells(pixels.height), width: cells(pixels.width) };
}

/** The tokens with MASK where the mask says to paint; the rest is known. */
export function maskTokens(tokens: Int32Array, mask: TokenMask): Int32Array<ArrayBuffer> {
  return Int32Array.from(tokens, (token, p) => (mask[p] === 1 ? MASK : token));
}

/** What any of the masks paints. */
export function unionOf(masks: readonly TokenMask[], grid: Grid): TokenMask {
  const union = new Uint8Array(positionCount(grid));
  for (const mask of masks) mask.forEach((paint, p) => paint === 1 && (union[p] = 1));
  return union;
}
