import type { Picture, StepEvent } from '../../core/engine.ts';
import { blankTokens, MASK, positionCount, type Grid } from '../../core/grid.ts';
import type { Box, TokenMask } from '../../core/mask.ts';
import { putWindow, takeWindow, windowSeed, windowsOver } from '../../core/panorama.ts';
import { enlargeBlend, enlargePicture, pasteAt } from '../../core/paste.ts';
import type { GenerateRequest } from '../../core/request.ts';
import type { Reel } from '../canvas/reel.ts';
import { modelGrid } from '../store/grids.ts';
import type { EditOrigin } from '../store/origin.ts';
import { className, type Desk } from './desk.ts';

/** What a press of Generate paints: what to ask the engine for, and what to do with its answers. */
export interface PaintRun {
  /** Token grid of the picture, and [positions] of it: MASK where to paint. */
  readonly grid: Grid;
  readonly tokens: Int32Array<ArrayBuffer>;
  /** The runs of the engine, one after the other; a picture of the model's size takes one. */
  readonly parts: readonly PaintPart[];
  /** What was edited; undefined for a picture that is painted from nothing. */
  readonly origin: EditOrigin | undefined;
  /** Class of the picture as a whole. */
  readonly classId: number;
  /** What the picture is called from now on: "fox with cat". */
  readonly name: string;
  /** The picture under the cells that are being painted; a blank canvas has none. */
  readonly under: Reel['under'];
  /** The engine's pictures, one for each part, as one picture with every untouched pixel put back. */
  finish(made: readonly Picture[]): Picture;
}

/** Decides, when a press is about to begin, what it paints; undefined for a new picture. */
export type PaintPlan = (desk: Desk) => Promise<PaintRun | undefined>;

/** One run of the engine: a window of the picture. */
export interface PaintPart {
  readonly box: Box;
  /** [positions] of the window: 1 where this part paints. */
  readonly mask: TokenMask;
  readonly request: Omit<GenerateRequest, 'seed' | 'tokens'>;
}

/** A new picture of the class and with the settings that were chosen. */
export function freshRun(desk: Pick<Desk, 'store'>): PaintRun {
  const { wish } = desk.store.getState();
  const grid = modelGrid(desk.store.getState());
  const { classId, settings } = wish;
  const tokens = blankTokens(grid);
  const parts = partsOf(desk, tokens, grid, () => ({ classId, settings }));
  const name = className(desk, classId);
  return { grid, tokens, parts, origin: undefined, classId, name, under: undefined, finish: ([made]) => made! };
}

/** The windows that paint what is MASK, with what each asks for. */
export function partsOf(
  { store }: Pick<Desk, 'store'>,
  tokens: Int32Array,
  grid: Grid,
  requestOf: (box: Box, mask: TokenMask) => PaintPart['request'],
): PaintPart[] {
  const window = modelGrid(store.getState());
  const left = Uint8Array.from(tokens, (token) => (token === MASK ? 1 : 0));
  return windowsOver(left, grid, window).map((box) => {
    const mask = takeWindow(left, grid, box);
    putWindow(left, grid, box, new Uint8Array(positionCount(window)));
    return { box, mask, request: requestOf(box, mask) };
  });
}

/** The request of a part, once the parts before it have put their tokens in. */
export function requestOf(
  run: PaintRun,
  index: number,
  tokens: Int32Array<ArrayBuffer>,
  seed: number,
): GenerateRequest {
  const { box, request } = run.parts[index]!;
  const known = takeWindow(tokens, run.grid, box);
  return {
    ...request,
    seed: windowSeed(seed, index),
    ...(known.some((token) => token !== MASK) && { tokens: known }),
  };
}

/** Steps that a part executes: no more than it has cells to paint. */
export function stepsOf({ mask, request: { settings } }: PaintPart): number {
  return Math.min(
    settings.steps - settings.startStep,
    mask.reduce<number>((sum, paint) => sum + paint, 0),
  );
}

/** A step of a part as one of the whole picture: around the window everything is as it was before. */
export function wholeStep(
  event: StepEvent,
  before: Int32Array,
  { parts, grid }: PaintRun,
  index: number,
): Reel['done'][number] {
  const { box } = parts[index]!;
  const { tokens, guess, logProb } = event;
  if (box.height * box.width === before.length) return { tokens, guess, logProb };
  const whole = {
    tokens: before.slice(),
    guess: before.slice(),
    // Nothing was guessed where a later window will paint.
    logProb: Float32Array.from(before, (token) => (token === MASK ? NaN : 0)),
  };
  putWindow(whole.tokens, grid, box, tokens);
  putWindow(whole.guess, grid, box, guess);
  putWindow(whole.logProb, grid, box, logProb);
  return whole;
}

/** How pixels of the model become pixels of the picture that is edited. */
export interface Scale {
  /** Pixels of the model a cell. */
  readonly cell: number;
  /** Pixels of the picture a pixel of the model: 1, but for a window of a larger picture. */
  readonly times: number;
  readonly isPixelArt: boolean;
}

/** The engine's pictures pasted over the picture before, each in its window with its own blend, [pixels] of the model. */
export function pastedParts(
  before: Picture,
  parts: readonly PaintPart[],
  made: readonly Picture[],
  { cell, times, isPixelArt }: Scale,
  blendOf: (mask: TokenMask) => Float32Array,
): Picture {
  return parts.reduce((onto, { box, mask }, i) => {
    const painted = enlargePicture(made[i]!, times, isPixelArt);
    const blend = enlargeBlend(blendOf(mask), made[i]!.width, times);
    return pasteAt(onto, painted, blend, box.col * cell * times, box.row * cell * times);
  }, before);
}
