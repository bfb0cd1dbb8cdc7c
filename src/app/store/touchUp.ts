import type { StateCreator } from 'zustand';
import type { TokenMask } from '../../core/mask.ts';
import type { Studio } from './studio.ts';

/** A cell of the token grid. */
export interface Cell {
  readonly row: number;
  readonly col: number;
}

/** A menu of a box, and the point of the window where it opens, in CSS pixels. */
export interface BoxMenuPlace {
  readonly id: number;
  readonly x: number;
  readonly y: number;
}

/** What helps while a part is painted anew; none of it is work that undo knows. */
export interface TouchUpSlice {
  /** Where the keyboard paints or looks; undefined until an arrow key was pressed. */
  readonly cursor: Cell | undefined;
  /** Share of the picture, the weakest of it, that the brush is kept to; 0 lets it paint everywhere. */
  readonly bite: number;
  /** [positions] 1 where the brush bites; undefined while it paints everywhere. */
  readonly biteMask: TokenMask | undefined;
  /** Position of the token that is looked at. */
  readonly look: number | undefined;
  readonly boxMenu: BoxMenuPlace | undefined;
  /** Whether a box is painted while it is dragged, on machines that are quick enough. */
  readonly live: boolean;
  /** URL of the picture that shows while a box is dragged in live mode. */
  readonly livePicture: string | undefined;
  touchUp(part: Partial<Omit<TouchUpSlice, 'touchUp'>>): void;
}

export const touchUpSlice: StateCreator<Studio, [], [], TouchUpSlice> = (set) => ({
  cursor: undefined,
  bite: 0,
  biteMask: undefined,
  look: undefined,
  boxMenu: undefined,
  live: false,
  livePicture: undefined,
  touchUp: (part) => set(part),
});
