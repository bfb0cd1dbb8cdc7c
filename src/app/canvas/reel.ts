import { MASK, positionCount, type Grid } from '../../core/grid.ts';
import type { Box, TokenMask } from '../../core/mask.ts';
import type { Frame } from '../store/origin.ts';

/** One executed step as the stage needs it. */
export interface ReelStep {
  /** [positions] after the step, MASK where still open. */
  readonly tokens: Int32Array;
  /** [positions] the full guess of the step. */
  readonly guess: Int32Array;
  /** [positions] log-probability of the guess; 0 where the token was known before. */
  readonly logProb: Float32Array;
  /** What was painted in this step in a close-up, and is seen in its own smaller tokens. */
  readonly near?: NearStep;
}

/** A step in a close-up: tokens of a grid of its own, which lies somewhere in the picture. */
export interface NearStep extends Omit<ReelStep, 'near'> {
  readonly grid: Grid;
  /** Where that grid lies, in cells of the picture and between them. */
  readonly at: Box;
  /** [positions of the picture] 1 where it is seen. */
  readonly mask: TokenMask;
  /** [positions of its own grid] 1 where it is painted. */
  readonly open: TokenMask;
}

/**
 * A run that can be played: frame 0 is the blank grid, frame k the grid after step k, and the frame after the last
 * step is the decoded picture. Lives outside the store; the store knows its id.
 */
export interface Reel {
  readonly id: string;
  readonly classId: number;
  readonly seed: number;
  readonly grid: Grid;
  /** Steps that were asked for; fewer may have been executed. */
  readonly steps: number;
  readonly done: ReelStep[];
  picture?: PictureSource;
  /** The larger picture that this one is a window of, small enough to be kept at hand. */
  readonly around?: { readonly image: CanvasImageSource; readonly frame: Frame } | undefined;
  /**
   * An edit: the picture under it, seen wherever the mask does not say to paint. Where that is smaller than this one, `at`
   * are the cells of this one that it covers.
   */
  readonly under?: { readonly picture: PictureSource; readonly open: TokenMask; readonly at?: Box } | undefined;
}

/** The decoded picture, ready to be drawn, shown by an <img> and saved. */
export interface PictureSource {
  readonly image: CanvasImageSource;
  readonly width: number;
  readonly height: number;
  readonly url: string;
  readonly png: Blob;
}

/** Index of the frame that shows the decoded picture. */
export function pictureFrame(steps: number): number {
  return steps + 1;
}

/** The furthest frame that can be shown now. */
export function lastFrame(reel: Reel): number {
  return reel.picture ? reel.done.length + 1 : reel.done.length;
}

/** How many positions are fixed at a frame. */
export function fixedCount(reel: Reel, frame: number): number {
  const step = reel.done[Math.min(frame, reel.done.length) - 1];
  // What an edit leaves alone is known from the start.
  if (!step) return reel.under ? reel.under.open.filter((open) => open === 0).length : 0;
  let fixed = 0;
  for (const token of step.tokens) if (token !== MASK) fixed++;
  return fixed;
}

/** Whether the step that led to a frame went over what was painted already. A step that fixes nothing may also be one of the schedule. */
export function isCorrection(reel: Reel, frame: number): boolean {
  const [before, now] = [reel.done[frame - 2], reel.done[frame - 1]];
  if (!before || !now || fixedCount(reel, frame) !== fixedCount(reel, frame - 1)) return false;
  return now.logProb.some((logProb, p) => logProb < 0 && before.tokens[p] !== MASK);
}

/** Tokens that the step which led to a frame fixed, or in a corrector step changed. */
export function changedCount(reel: Reel, frame: number): number {
  if (!isCorrection(reel, frame)) return fixedCount(reel, frame) - fixedCount(reel, frame - 1);
  const [before, after] = [reel.done[frame - 2]!.tokens, reel.done[frame - 1]!.tokens];
  return after.reduce((count, token, p) => count + (token === before[p] ? 0 : 1), 0);
}

/** Tokens that each executed step fixed or changed. */
export function changedPerStep(reel: Reel): number[] {
  return reel.done.map((_, i) => changedCount(reel, i + 1));
}

/**
 * [positions] probability of what a frame shows, 0 … 1: of a fixed token at the step that fixed it or went over it last, of a
 * guess at this step. NaN where nothing was guessed yet.
 */
export function sureness(reel: Reel, frame: number): Float32Array {
  const sure = new Float32Array(positionCount(reel.grid)).fill(NaN);
  const until = Math.min(frame, reel.done.length);
  for (let s = 0; s < until; s++) {
    const { logProb } = reel.done[s]!;
    const before = s > 0 ? reel.done[s - 1]!.tokens : undefined;
    const isAgain = isCorrection(reel, s + 1);
    for (let p = 0; p < sure.length; p++) {
      // What a corrector step leaves alone has probability 1 in it.
      if (!before || before[p] === MASK || (isAgain && logProb[p] !== 0))
        sure[p] = Math.exp(Math.min(0, logProb[p] ?? 0));
    }
  }
  return sure;
}
