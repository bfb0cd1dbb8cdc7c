import type { Grid } from './grid.ts';
import type { Picture, StepEvent } from './engine.ts';
import type { Box, TokenMask } from './mask.ts';
import { resizeBicubic, type Span } from './resample.ts';

/**
 * A close-up: a part of the picture, enlarged to the model's size, in which a small box is as large as what the model paints
 * best. It is painted there, made small again and encoded (decision 50). Editors know it as inpainting "only masked", or
 * crop and stitch. Twin of train/close_up.py.
 */
export interface CloseUp {
  /** The cells of the picture that are painted, and whatever lies between them. */
  readonly box: Box;
  readonly down: Axis;
  readonly across: Axis;
}

/** Which boxes a model paints from near, in cells: those whose longer side has fewer than `below`, which has `side` then. */
export interface CloseUpRule {
  readonly below: number;
  readonly side: number;
}

/** How one side of the picture is seen: `times` as large, from `start` on, in cells of the picture. */
interface Axis {
  readonly start: number;
  readonly times: number;
}

/**
 * The close-up in which the longer side of what a mask paints has `side` cells; undefined where it is large enough. It
 * lies within the picture, the box in its middle as far as there is room, and where it can the box begins with a cell of it.
 *
 * @param mask [positions], of which at least one is painted
 */
export function closeUpOf(mask: TokenMask, grid: Grid, { below, side }: CloseUpRule): CloseUp | undefined {
  const open = [...mask.keys()].filter((p) => mask[p] === 1);
  const [top, bottom] = ends(open.map((p) => Math.floor(p / grid.cols)));
  const [left, right] = ends(open.map((p) => p % grid.cols));
  const box = { row: top, col: left, height: bottom + 1 - top, width: right + 1 - left };
  const longer = Math.max(box.height, box.width);
  if (longer >= below) return undefined;
  const times = side / longer;
  return {
    box,
    down: axisOf(box.row, box.height, grid.rows, times),
    across: axisOf(box.col, box.width, grid.cols, times),
  };
}

function ends(values: readonly number[]): Span {
  return [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
}

function axisOf(first: number, length: number, cells: number, times: number): Axis {
  const most = cells - cells / times;
  // So many cells of the close-up would lie before the box if it were in the middle.
  const middle = (cells - length * times) / 2;
  const slack = 1e-9;
  const whole = Array.from({ length: cells }, (_, before) => before)
    .filter((before) => before + length * times <= cells + slack)
    .filter((before) => first - before / times >= -slack && first - before / times <= most + slack)
    .sort((a, b) => Math.abs(a - middle) - Math.abs(b - middle) || b - a);
  const start = first - (whole[0] ?? middle) / times;
  return { start: Math.min(Math.max(0, start), most), times };
}

/** Where the close-up lies in the picture, in cells of it and between them. */
export function placeOf({ down, across }: CloseUp, grid: Grid): Box {
  return { row: down.start, col: across.start, height: grid.rows / down.times, width: grid.cols / across.times };
}

/** [cells] the picture's row or column in the middle of each of the close-up's. */
function sourcesOf({ start, times }: Axis, cells: number): number[] {
  return Array.from({ length: cells }, (_, i) => Math.min(cells - 1, Math.trunc((i + 0.5) / times + start)));
}

/** [positions] of the close-up: 1 where the mask, [positions] of the picture, says to paint. */
export function maskFromNear(mask: TokenMask, grid: Grid, { down, across }: CloseUp): TokenMask {
  const cols = sourcesOf(across, grid.cols);
  return Uint8Array.from(sourcesOf(down, grid.rows).flatMap((row) => cols.map((col) => mask[row * grid.cols + col]!)));
}

/** What is seen in the close-up of a picture of the model's, at the size of that. */
export function pictureFromNear(picture: Picture, grid: Grid, { down, across }: CloseUp): Picture {
  const { width, height } = picture;
  return resized(picture, width, height, {
    across: [(across.start * width) / grid.cols, ((across.start + grid.cols / across.times) * width) / grid.cols],
    down: [(down.start * height) / grid.rows, ((down.start + grid.rows / down.times) * height) / grid.rows],
  });
}

/** The picture with what was painted in its close-up, small again, in the cells of the mask. */
export function pictureFromAfar(
  picture: Picture,
  painted: Picture,
  mask: TokenMask,
  grid: Grid,
  { box, down, across }: CloseUp,
): Picture {
  const [high, wide] = [picture.height / grid.rows, picture.width / grid.cols];
  const small = resized(painted, box.width * wide, box.height * high, {
    across: spanOf(across, box.col, box.width, grid.cols, wide),
    down: spanOf(down, box.row, box.height, grid.rows, high),
  });
  const rgba = picture.rgba.slice();
  for (let y = 0; y < small.height; y++) {
    for (let x = 0; x < small.width; x++) {
      const cell = (box.row + Math.floor(y / high)) * grid.cols + box.col + Math.floor(x / wide);
      if (mask[cell] !== 1) continue;
      const to = ((box.row * high + y) * picture.width + box.col * wide + x) * 4;
      rgba.set(small.rgba.subarray((y * small.width + x) * 4, (y * small.width + x) * 4 + 4), to);
    }
  }
  return { ...picture, rgba };
}

/** Pixels of the close-up in which `length` cells of the picture lie, from `first` on; a cell has `pixels` of them. */
function spanOf(axis: Axis, first: number, length: number, cells: number, pixels: number): Span {
  const into = (cell: number): number => Math.min(cells, Math.max(0, (cell - axis.start) * axis.times)) * pixels;
  return [into(first), into(first + length)];
}

function resized(picture: Picture, width: number, height: number, box: { across: Span; down: Span }): Picture {
  const samples = { ...picture, channels: 4, data: new Uint8Array(picture.rgba) };
  return { width, height, rgba: new Uint8ClampedArray(resizeBicubic(samples, width, height, box).data) };
}

/** A step in the close-up as one of the picture: every cell of the mask shows what happens in its middle; elsewhere nothing does. */
export function stepFromAfar<S extends StepEvent>(
  step: S,
  known: Int32Array,
  mask: TokenMask,
  grid: Grid,
  { down, across }: CloseUp,
): S {
  const near = (axis: Axis, cells: number): number[] =>
    Array.from({ length: cells }, (_, i) =>
      Math.min(cells - 1, Math.max(0, Math.trunc((i + 0.5 - axis.start) * axis.times))),
    );
  const cols = near(across, grid.cols);
  const seen = near(down, grid.rows).flatMap((row) => cols.map((col) => row * grid.cols + col));
  const tokens = (of: Int32Array): Int32Array<ArrayBuffer> =>
    Int32Array.from(seen, (p, i) => (mask[i] === 1 ? of[p]! : known[i]!));
  const numbers = (of: Float32Array, elsewhere: number): Float32Array<ArrayBuffer> =>
    Float32Array.from(seen, (p, i) => (mask[i] === 1 ? of[p]! : elsewhere));
  return {
    ...step,
    tokens: tokens(step.tokens),
    guess: tokens(step.guess),
    logProb: numbers(step.logProb, 0),
    confidence: numbers(step.confidence, Infinity),
  };
}

/** The parts of a mask that do not touch each other, each as a mask: things of their own. */
export function islandsOf(mask: TokenMask, { rows, cols }: Grid): TokenMask[] {
  const left = mask.slice();
  const islands: TokenMask[] = [];
  for (let first = left.indexOf(1); first >= 0; first = left.indexOf(1)) {
    const island = new Uint8Array(mask.length);
    const open = [first];
    for (let p = open.pop(); p !== undefined; p = open.pop()) {
      if (left[p] !== 1) continue;
      [left[p], island[p]] = [0, 1];
      const [row, col] = [Math.floor(p / cols), p % cols];
      for (const r of [row - 1, row, row + 1].filter((r) => r >= 0 && r < rows)) {
        for (const c of [col - 1, col, col + 1].filter((c) => c >= 0 && c < cols)) open.push(r * cols + c);
      }
    }
    islands.push(island);
  }
  return islands;
}
