import type { Picture, Stop } from '../core/engine.ts';
import { composite } from '../core/composite.ts';
import type { ModelConfig } from '../core/config.ts';
import { MASK, positionCount, type Grid } from '../core/grid.ts';
import type { Box, TokenMask } from '../core/mask.ts';
import {
  extend,
  extendedGrid,
  pixelBox,
  pixelGrid,
  putWindow,
  takeWindow,
  windowSeed,
  windowsOver,
  type Direction,
} from '../core/panorama.ts';
import { ringBlend, softRingCells } from '../core/paste.ts';
import type { ExplicitNoise, GenerateRequest } from '../core/request.ts';
import { generateSteps, type StepRecord } from './generate.ts';
import { colourPixels, type Pixels } from './picture.ts';
import type { Session } from './session.ts';

const CHANNELS = 3;

/** Extend a picture by half of the model's size, once for each direction, in their order. */
export interface OutpaintRequest extends Pick<
  GenerateRequest,
  'classId' | 'seed' | 'settings' | 'bannedCodes' | 'noise'
> {
  /** As `panoramaGrid` takes it: of the model's size, or larger by whole cells. */
  readonly picture: Picture;
  readonly directions: readonly Direction[];
}

/** One run of the model on a window of the panorama. */
export interface WindowRecord {
  /** In cells of the finished panorama. */
  readonly box: Box;
  /** [size, size, 3] the decoded window, not clipped. */
  readonly pixels: Pixels;
  /** [size, size] share of the decoded window in each pixel. */
  readonly blend: Float32Array<ArrayBuffer>;
}

/** The extended picture, with everything on the way. */
export interface OutpaintOutcome {
  readonly grid: Grid;
  /** [positions] of the panorama, and what of it was known from the picture that came in: the rest is MASK. */
  readonly tokens: Int32Array<ArrayBuffer>;
  readonly startTokens: Int32Array<ArrayBuffer>;
  readonly windows: readonly WindowRecord[];
  /** [height, width, 3] not clipped. */
  readonly composite: Pixels;
}

/** Everything known so far; it grows with every extension. */
interface Panorama {
  grid: Grid;
  tokens: Int32Array<ArrayBuffer>;
  startTokens: Int32Array<ArrayBuffer>;
  /** [height, width, 3] */
  pixels: Pixels;
  windows: WindowRecord[];
}

/** Side of a cell in pixels. */
export function cellPixels({ image, grid }: Pick<ModelConfig, 'image' | 'grid'>): number {
  return image.size / grid.cols;
}

/** The token grid of a picture that can be extended as it is; undefined when it is smaller, or cut through a cell. */
export function panoramaGrid(
  { width, height }: Pick<Picture, 'width' | 'height'>,
  config: Pick<ModelConfig, 'image' | 'grid'>,
): Grid | undefined {
  const cell = cellPixels(config);
  const isWhole = width % cell === 0 && height % cell === 0;
  const isLarge = Math.min(width, height) >= config.image.size;
  return isWhole && isLarge ? { rows: height / cell, cols: width / cell } : undefined;
}

/** How many windows the extensions of a picture of `grid` take. @throws Failure BadRequest when it grows too large */
export function countWindows(grid: Grid, window: Grid, directions: readonly Direction[]): number {
  let [now, windows] = [grid, 0];
  for (const direction of directions) {
    const { grid: larger, mask } = extend(new Int32Array(positionCount(now)), now, window, direction);
    windows += windowsOver(mask, larger, window).length;
    now = larger;
  }
  return windows;
}

/**
 * Outpainting (Chang et al. 2022, section 4.3.2): encode the picture, extend its tokens by half a window, and paint what
 * is new, each window with what it knows of the rest. Its pixels are pasted over the seam with a linear blend inside a
 * ring of `softRingCells` around the new cells; beyond it the picture stays as it is, and its tokens stay everywhere.
 * After a stop the next window rejects with AbortError.
 */
export async function* outpaintSteps(
  session: Session,
  request: OutpaintRequest,
  stop: Stop,
): AsyncGenerator<StepRecord, OutpaintOutcome> {
  const { config } = session;
  const panorama = await encoded(session, request.picture);
  let runs = 0;
  for (const direction of request.directions) {
    const mask = widen(panorama, config, direction);
    for (const box of windowsOver(mask, panorama.grid, config.grid)) {
      yield* paintWindow(session, request, stop, panorama, box, runs++);
    }
  }
  const { pixels: composed, ...rest } = panorama;
  return { ...rest, composite: composed };
}

/** Every cell read by the model: in windows side by side, the last of a row or column at the edge. */
async function encoded(session: Session, picture: Picture): Promise<Panorama> {
  const { config } = session;
  const cell = cellPixels(config);
  const grid = { rows: picture.height / cell, cols: picture.width / cell };
  const pixels = colourPixels(picture);
  const tokens = new Int32Array(positionCount(grid)).fill(MASK);
  for (const row of tileStarts(grid.rows, config.grid.rows)) {
    for (const col of tileStarts(grid.cols, config.grid.cols)) {
      const box = { row, col, height: config.grid.rows, width: config.grid.cols };
      const part = takeWindow(pixels, pixelGrid(grid, cell, CHANNELS), pixelBox(box, cell, CHANNELS));
      const read = (await session.encode(part)).tokens;
      const known = takeWindow(tokens, grid, box);
      putWindow(
        tokens,
        grid,
        box,
        known.map((token, p) => (token === MASK ? read[p]! : token)),
      );
    }
  }
  return { grid, tokens, startTokens: tokens.slice(), pixels, windows: [] };
}

function tileStarts(length: number, side: number): number[] {
  return Array.from({ length: Math.ceil(length / side) }, (_, i) => Math.min(i * side, length - side));
}

/** Make room on one side; gives the mask of what is to be painted there. */
function widen(panorama: Panorama, config: ModelConfig, direction: Direction): TokenMask {
  const { grid, tokens, startTokens, pixels, windows } = panorama;
  const cell = cellPixels(config);
  const { at } = extendedGrid(grid, config.grid, direction);
  const extension = extend(tokens, grid, config.grid, direction);
  panorama.grid = extension.grid;
  panorama.tokens = extension.tokens;
  panorama.startTokens = extend(startTokens, grid, config.grid, direction).tokens;
  panorama.pixels = new Float32Array(positionCount(pixelGrid(extension.grid, cell, CHANNELS)));
  putWindow(panorama.pixels, pixelGrid(extension.grid, cell, CHANNELS), pixelBox(at, cell, CHANNELS), pixels);
  panorama.windows = windows.map(({ box, ...rest }) => ({
    ...rest,
    box: { ...box, row: box.row + at.row, col: box.col + at.col },
  }));
  return extension.mask;
}

async function* paintWindow(
  session: Session,
  { classId, seed, settings, bannedCodes, noise }: OutpaintRequest,
  stop: Stop,
  panorama: Panorama,
  box: Box,
  run: number,
): AsyncGenerator<StepRecord, void> {
  const { grid: window, image } = session.config;
  const tokens = takeWindow(panorama.tokens, panorama.grid, box);
  const mask = Uint8Array.from(tokens, (token) => (token === MASK ? 1 : 0));
  const steps = settings.steps - settings.startStep;
  const request = {
    classId,
    seed: windowSeed(seed, run),
    settings,
    tokens,
    ...(bannedCodes && { bannedCodes }),
    ...(noise && { noise: noiseOfRuns(noise, positionCount(window), run * steps, steps) }),
  };
  const outcome = yield* generateSteps(session, request, stop);
  putWindow(panorama.tokens, panorama.grid, box, outcome.tokens);
  const pixels = await session.decode(outcome.tokens);
  const blend = ringBlend(mask, window, image.size, softRingCells(window, image.size));
  const all = pixelGrid(panorama.grid, cellPixels(session.config), CHANNELS);
  const part = pixelBox(box, cellPixels(session.config), CHANNELS);
  putWindow(panorama.pixels, all, part, composite(pixels, takeWindow(panorama.pixels, all, part), blend));
  panorama.windows.push({ box, pixels, blend });
}

/** The noise of `count` runs from run `first` on. */
function noiseOfRuns(noise: ExplicitNoise, positions: number, first: number, count: number): ExplicitNoise {
  const codebook = noise.drawNoise.length / noise.choiceNoise.length;
  return {
    drawNoise: noise.drawNoise.slice(first * positions * codebook, (first + count) * positions * codebook),
    choiceNoise: noise.choiceNoise.slice(first * positions, (first + count) * positions),
  };
}
