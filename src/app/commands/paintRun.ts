import { maskFromNear, type CloseUp } from '../../core/closeUp.ts';
import type { Picture, StepEvent } from '../../core/engine.ts';
import { blankTokens, MASK, positionCount, type Grid } from '../../core/grid.ts';
import type { Box, TokenMask } from '../../core/mask.ts';
import { putWindow, takeWindow, windowSeed, windowsOver } from '../../core/panorama.ts';
import { enlargeBlend, enlargePicture, pasteAt } from '../../core/paste.ts';
import type { GenerateRequest } from '../../core/request.ts';
import { start, stepCounts } from '../../core/sampler.ts';
import type { NearStep, Reel } from '../canvas/reel.ts';
import { modelGrid } from '../store/grids.ts';
import type { EditOrigin } from '../store/origin.ts';
import { className, type Desk } from './desk.ts';

/** What a press of Generate paints: what to ask the engine for, and what to do with its answers. */
export interface PaintRun {
  /** Token grid of the picture, and [positions] of it: MASK where to paint. */
  readonly grid: Grid;
  readonly tokens: Int32Array<ArrayBuffer>;
  /** [positions] the picture before an edit: what a part sees where later ones paint. Without it nothing is left to them there. */
  readonly before?: Int32Array;
  /** The runs of the engine, one after the other: for each window, and in it for each class of an edit. */
  readonly parts: readonly PaintPart[];
  /** What was edited; undefined for a picture that is painted from nothing. */
  readonly origin: EditOrigin | undefined;
  /** Class of the picture as a whole. */
  readonly classId: number;
  /** What the picture is called from now on: "fox with cat". */
  readonly name: string;
  /** The picture under the cells that are being painted; a blank canvas has none. */
  readonly under: Reel['under'];
  /** The engine's pictures, one for each part, of which only the last of a window has pixels, as one picture with every untouched pixel put back. */
  finish(made: readonly Picture[]): Picture;
}

/** Decides, when a press is about to begin, what it paints; undefined for a new picture. */
export type PaintPlan = (desk: Desk) => Promise<PaintRun | undefined>;

/** One run of the engine: a window of the picture, or what one class paints in it. */
export interface PaintPart {
  /** The window; parts of the same window follow one another and share it. */
  readonly box: Box;
  /** [positions] of the window: 1 where this part paints. */
  readonly mask: TokenMask;
  /** The enlarged part of the window in which it is painted; absent: the window as it is. */
  readonly closeUp?: CloseUp | undefined;
  readonly request: Omit<GenerateRequest, 'seed' | 'tokens'>;
}

/** A new picture of the class and with the settings that were chosen. */
export function freshRun(desk: Pick<Desk, 'store'>): PaintRun {
  const { wish } = desk.store.getState();
  const grid = modelGrid(desk.store.getState());
  const { classId, settings } = wish;
  const tokens = blankTokens(grid);
  const parts = partsOf(desk, tokens, grid, () => ({ request: { classId, settings } }));
  const name = className(desk, classId);
  return { grid, tokens, parts, origin: undefined, classId, name, under: undefined, finish: ([made]) => made! };
}

/** The windows that paint what is MASK, each in one part or as `split`, with what every part asks for. */
export function partsOf(
  { store }: Pick<Desk, 'store'>,
  tokens: Int32Array,
  grid: Grid,
  partOf: (box: Box, mask: TokenMask) => Pick<PaintPart, 'request' | 'closeUp'>,
  split: (box: Box, mask: TokenMask) => TokenMask[] = (_, mask) => [mask],
): PaintPart[] {
  const window = modelGrid(store.getState());
  const left = Uint8Array.from(tokens, (token) => (token === MASK ? 1 : 0));
  return windowsOver(left, grid, window).flatMap((box) => {
    const masks = split(box, takeWindow(left, grid, box));
    putWindow(left, grid, box, new Uint8Array(positionCount(window)));
    return masks.map((mask) => ({ box, mask, ...partOf(box, mask) }));
  });
}

/**
 * The request of a part, once the parts before it have put their tokens in: MASK where it paints itself, over what one of
 * them may have painted, and only there.
 */
export function requestOf(
  { parts, grid, before }: Pick<PaintRun, 'parts' | 'grid' | 'before'>,
  index: number,
  tokens: Int32Array<ArrayBuffer>,
  seed: number,
): GenerateRequest {
  const { box, mask, request } = parts[index]!;
  const old = before && takeWindow(before, grid, box);
  const known = takeWindow(tokens, grid, box).map((token, p) =>
    mask[p] === 1 ? MASK : token === MASK ? (old?.[p] ?? MASK) : token,
  );
  return {
    ...request,
    seed: windowSeed(seed, index),
    // Of the parts of one window the last picture shows them all.
    ...(!isLastOfWindow(parts, index) && { wantsPicture: false }),
    ...(known.some((token) => token !== MASK) && { tokens: known }),
  };
}

/** Whether no part that follows paints in the same window. */
export function isLastOfWindow(parts: readonly PaintPart[], index: number): boolean {
  return parts[index + 1]?.box !== parts[index]!.box;
}

/** Put what a part painted into the whole; around it the engine was shown what is not painted yet. */
export function putPart<V extends Int32Array | Float32Array>(
  whole: V,
  grid: Grid,
  { box, mask }: Pick<PaintPart, 'box' | 'mask'>,
  painted: V,
): void {
  const part = takeWindow(whole, grid, box);
  mask.forEach((paint, p) => paint === 1 && (part[p] = painted[p]!));
  putWindow(whole, grid, box, part);
}

/** Steps that a part executes, corrector steps among them. */
export function stepsOf({ box, mask, closeUp, request: { settings } }: PaintPart): number {
  const grid = { rows: box.height, cols: box.width };
  const painted = closeUp ? maskFromNear(mask, grid, closeUp) : mask;
  const tokens = Int32Array.from(painted, (paint) => (paint === 1 ? MASK : 0));
  return stepCounts(settings, start(settings, tokens), grid).length;
}

/** A step of a part, in its window; `near` is what happened in its close-up. */
export type PartStep = StepEvent & { readonly near?: NearStep };

/** A step of a part as one of the whole picture: around what it paints everything is as it was before. */
export function wholeStep(
  event: PartStep,
  before: Int32Array,
  { parts, grid }: Pick<PaintRun, 'parts' | 'grid'>,
  index: number,
): Reel['done'][number] {
  const part = parts[index]!;
  const { tokens, guess, logProb } = event;
  const near = event.near && { near: wholeNear(event.near, grid, part.box) };
  if (parts.length === 1 && part.mask.length === before.length) return { tokens, guess, logProb, ...near };
  const whole = {
    tokens: before.slice(),
    guess: before.slice(),
    // Nothing was guessed where a later part will paint.
    logProb: Float32Array.from(before, (token) => (token === MASK ? NaN : 0)),
  };
  putPart(whole.tokens, grid, part, tokens);
  putPart(whole.guess, grid, part, guess);
  putPart(whole.logProb, grid, part, logProb);
  return { ...whole, ...near };
}

/** A close-up in a window as one in the whole picture. */
function wholeNear(near: NearStep, grid: Grid, { row, col, height, width }: Box): NearStep {
  const mask = new Uint8Array(positionCount(grid));
  putWindow(mask, grid, { row, col, height, width }, near.mask);
  return { ...near, mask, at: { ...near.at, row: near.at.row + row, col: near.at.col + col } };
}

/** How pixels of the model become pixels of the picture that is edited. */
export interface Scale {
  /** Pixels of the model a cell. */
  readonly cell: number;
  /** Pixels of the picture a pixel of the model: 1, but for a window of a larger picture. */
  readonly times: number;
  readonly isPixelArt: boolean;
}

/**
 * The engine's pictures pasted over the picture before, each in its window with its own blend, [pixels] of the model. Of the
 * parts of one window the last picture shows them all, so it is pasted alone: between boxes that touch nothing old shows.
 */
export function pastedParts(
  before: Picture,
  parts: readonly PaintPart[],
  made: readonly Picture[],
  { cell, times, isPixelArt }: Scale,
  blendOf: (mask: TokenMask) => Float32Array,
): Picture {
  return parts.reduce((onto, { box }, i) => {
    if (!isLastOfWindow(parts, i)) return onto;
    const masks = parts.filter((part) => part.box === box).map(({ mask }) => mask);
    const mask = Uint8Array.from(masks[0]!, (_, p) => (masks.some((one) => one[p] === 1) ? 1 : 0));
    const painted = enlargePicture(made[i]!, times, isPixelArt);
    const blend = enlargeBlend(blendOf(mask), made[i]!.width, times);
    return pasteAt(onto, painted, blend, box.col * cell * times, box.row * cell * times);
  }, before);
}
