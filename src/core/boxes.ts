import { positionCount, type Grid } from './grid.ts';
import { boxMask, type Box, type TokenMask } from './mask.ts';

/** A box that a person drew: where to repaint, in token cells, and as what. */
export interface PaintBox extends Box {
  readonly id: number;
  /** Class to paint; undefined keeps the class of the picture ("same"). */
  readonly classId?: number;
  /** Whether it keeps its place and size until somebody unlocks it. */
  readonly locked?: boolean;
}

/** Most boxes a picture may have at once. */
export const MAX_BOXES = 8;

/** Which sides of a box a handle moves: north, east, south, west, or two of them at a corner. */
export type Handle = 'n' | 'ne' | 'e' | 'se' | 's' | 'sw' | 'w' | 'nw';
export const handles: readonly Handle[] = ['n', 'ne', 'e', 'se', 's', 'sw', 'w', 'nw'];

/** A point of the picture in cells, fractional; (0, 0) is the top left corner. */
export interface CellPoint {
  readonly row: number;
  readonly col: number;
}

/** How a drag changes while keys are held. */
export interface DragModifiers {
  readonly keepRatio?: boolean;
  readonly fromCentre?: boolean;
  /** In steps of two cells. */
  readonly isCoarse?: boolean;
}

/** Cells a step of a drag while Ctrl or ⌘ is held. */
export const COARSE_CELLS = 2;

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value));

/** The smallest box of whole cells that holds both points, inside the grid and at least one cell. */
export function boxBetween(a: CellPoint, b: CellPoint, grid: Grid, modifiers: DragModifiers = {}): Box {
  const { keepRatio, fromCentre, isCoarse } = modifiers;
  const [height, width] = [b.row - a.row, b.col - a.col];
  const side = Math.max(Math.abs(height), Math.abs(width));
  const end = keepRatio
    ? { row: a.row + side * (Math.sign(height) || 1), col: a.col + side * (Math.sign(width) || 1) }
    : b;
  const start = fromCentre ? { row: 2 * a.row - end.row, col: 2 * a.col - end.col } : a;
  return cellsBetween(start, end, grid, isCoarse ? COARSE_CELLS : 1);
}

function cellsBetween(a: CellPoint, b: CellPoint, { rows, cols }: Grid, step: number): Box {
  const down = (at: number): number => Math.floor(at / step) * step;
  const up = (at: number): number => Math.ceil(at / step) * step;
  const row = clamp(down(Math.min(a.row, b.row)), 0, rows - 1);
  const col = clamp(down(Math.min(a.col, b.col)), 0, cols - 1);
  const bottom = clamp(up(Math.max(a.row, b.row)), row + 1, rows);
  const right = clamp(up(Math.max(a.col, b.col)), col + 1, cols);
  return { row, col, height: bottom - row, width: right - col };
}

/** The box with each side on the nearest line that cuts the picture into thirds, at least one third wide and high. */
export function boxOnThirds<B extends Box>(box: B, { rows, cols }: Grid): B {
  const [row, height] = onThirds(box.row, box.height, rows);
  const [col, width] = onThirds(box.col, box.width, cols);
  return { ...box, row, col, height, width };
}

function onThirds(start: number, length: number, of: number): [start: number, length: number] {
  const line = (third: number): number => Math.round((third * of) / 3);
  const nearest = (at: number, from: number, to: number): number => clamp(Math.round((at / of) * 3), from, to);
  const first = nearest(start, 0, 2);
  const last = nearest(start + length, first + 1, 3);
  return [line(first), Math.max(1, line(last) - line(first))];
}

/** A box of `side` cells around a point: what a click without a drag draws. */
export function boxAround({ row, col }: CellPoint, side: number, grid: Grid): Box {
  const [height, width] = [Math.min(side, grid.rows), Math.min(side, grid.cols)];
  return moveBox({ row: Math.round(row - height / 2), col: Math.round(col - width / 2), height, width }, 0, 0, grid);
}

/** The box moved by whole cells, as far as the grid goes; its size stays. */
export function moveBox<B extends Box>(box: B, rows: number, cols: number, grid: Grid): B {
  return {
    ...box,
    row: clamp(box.row + rows, 0, grid.rows - box.height),
    col: clamp(box.col + cols, 0, grid.cols - box.width),
  };
}

/** The box with the sides of a handle moved by whole cells; never empty, never outside the grid, never turned over. */
export function resizeBox<B extends Box>(
  box: B,
  handle: Handle,
  rows: number,
  cols: number,
  grid: Grid,
  { keepRatio, fromCentre }: DragModifiers = {},
): B {
  const vertical = handle.includes('s') ? rows : handle.includes('n') ? -rows : 0;
  const horizontal = handle.includes('e') ? cols : handle.includes('w') ? -cols : 0;
  const both = fromCentre ? 2 : 1;
  let height = Math.max(1, box.height + both * vertical);
  let width = Math.max(1, box.width + both * horizontal);
  if (keepRatio) {
    const scale = Math.max(height / box.height, width / box.width);
    [height, width] = [Math.max(1, Math.round(box.height * scale)), Math.max(1, Math.round(box.width * scale))];
  }
  const top = fromCentre
    ? box.row - (height - box.height) / 2
    : handle.includes('n')
      ? box.row + box.height - height
      : box.row;
  const left = fromCentre
    ? box.col - (width - box.width) / 2
    : handle.includes('w')
      ? box.col + box.width - width
      : box.col;
  return { ...box, ...cropped(Math.round(top), Math.round(left), height, width, grid) };
}

/** What of a rectangle lies inside the grid, at least one cell. */
function cropped(top: number, left: number, height: number, width: number, { rows, cols }: Grid): Box {
  const row = clamp(top, 0, rows - 1);
  const col = clamp(left, 0, cols - 1);
  return {
    row,
    col,
    height: clamp(top + height, row + 1, rows) - row,
    width: clamp(left + width, col + 1, cols) - col,
  };
}

/** What is to be painted, and as what, a position at a time. */
export interface PaintPlan {
  readonly mask: TokenMask;
  /** [positions] class of the box that paints there; -1 where the picture's own class holds. */
  readonly classOfPosition: Int32Array<ArrayBuffer>;
}

/**
 * Boxes and a free mask as one plan. Where boxes overlap the later one wins; a halo never takes a cell from another
 * box's inside; free cells are painted as the picture's class. Pinned cells are never painted.
 */
export function paintPlan(
  boxes: readonly PaintBox[],
  free: TokenMask | undefined,
  grid: Grid,
  halo = 0,
  pinned?: TokenMask,
): PaintPlan {
  const mask: TokenMask = free === undefined ? new Uint8Array(positionCount(grid)) : free.slice();
  const classOfPosition = new Int32Array(positionCount(grid)).fill(-1);
  for (const reach of halo > 0 ? [halo, 0] : [0]) {
    for (const box of boxes) {
      boxMask(box, grid, reach).forEach((inside, p) => {
        if (inside !== 1) return;
        mask[p] = 1;
        classOfPosition[p] = box.classId ?? -1;
      });
    }
  }
  pinned?.forEach((pin, p) => pin === 1 && (mask[p] = 0));
  return { mask, classOfPosition };
}

/**
 * A mask as several, one for each class that is painted in it, in the order of `classes`; each position is in one of them.
 *
 * @param classOfPosition [positions] one of `classes` wherever the mask is 1
 */
export function masksInTurn(mask: TokenMask, classOfPosition: Int32Array, classes: readonly number[]): TokenMask[] {
  return [...new Set(classes)]
    .map((classId) => mask.map((paint, p) => (paint === 1 && classOfPosition[p] === classId ? 1 : 0)))
    .filter((part) => part.includes(1));
}

/** The mask and every cell that touches it, corners too. */
export function growMask(mask: TokenMask, grid: Grid): TokenMask {
  return mask.map((paint, p) => (paint === 1 || neighbours(p, grid).some((n) => mask[n] === 1) ? 1 : 0));
}

/** The mask without the cells that touch its outside; the edge of the picture is no outside. */
export function shrinkMask(mask: TokenMask, grid: Grid): TokenMask {
  return invertMask(growMask(invertMask(mask), grid));
}

/** Paint what was kept and keep what was painted. */
export function invertMask(mask: TokenMask): TokenMask {
  return mask.map((paint) => 1 - paint);
}

function neighbours(position: number, { rows, cols }: Grid): number[] {
  const [row, col] = [Math.floor(position / cols), position % cols];
  const around: number[] = [];
  for (let r = Math.max(0, row - 1); r <= Math.min(rows - 1, row + 1); r++) {
    for (let c = Math.max(0, col - 1); c <= Math.min(cols - 1, col + 1); c++) around.push(r * cols + c);
  }
  return around;
}

/** The `share` (0 to 1) of positions with the lowest confidence: what "remask the weakest" paints again. */
export function weakestPositions(confidence: ArrayLike<number>, share: number): TokenMask {
  const order = Array.from({ length: confidence.length }, (_, p) => p).sort(
    (a, b) => confidence[a]! - confidence[b]! || a - b,
  );
  const mask: TokenMask = new Uint8Array(confidence.length);
  for (const p of order.slice(0, Math.round(clamp(share, 0, 1) * confidence.length))) mask[p] = 1;
  return mask;
}
