import type { Overlay } from '../store/stage.ts';
import type { Atlas } from './atlas.ts';
import type { Reel } from './reel.ts';
import type { Box } from './viewport.ts';

/** Everything that one drawing of the stage depends on. Lengths are device pixels. */
export interface Scene {
  readonly reel: Reel | undefined;
  readonly frame: number;
  readonly atlas: Atlas | undefined;
  readonly box: Box;
  readonly isPixelArt: boolean;
  readonly overlay: Overlay;
  readonly gridShown: boolean;
  readonly guessShown: boolean;
  /** Since this frame came up, in ms; Infinity draws it settled. */
  readonly shownForMs: number;
  readonly colours: StageColours;
  readonly pixelRatio: number;
}

export interface StageColours {
  readonly masked: string;
  readonly maskedLine: string;
  readonly accent: string;
  readonly grid: string;
}

/** A position of a grid, and where it is drawn. */
export type Cell = {
  readonly p: number;
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
};

/** Cells on whole device pixels: neighbours share their edge, so no seam shows. */
export function layCells(rows: number, cols: number, { x, y, width, height }: Box): Cell[] {
  return Array.from({ length: rows * cols }, (_, p) => {
    const row = Math.floor(p / cols);
    const col = p % cols;
    const left = Math.round(x + (col * width) / cols);
    const top = Math.round(y + (row * height) / rows);
    const right = Math.round(x + ((col + 1) * width) / cols);
    const bottom = Math.round(y + ((row + 1) * height) / rows);
    return { p, x: left, y: top, w: right - left, h: bottom - top };
  });
}
