import type { Box } from '../../core/mask.ts';
import type { BoxDrag } from './boxDrag.ts';

/** A point of the window, in CSS pixels. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A pointer that is down on the picture, and what it does there. */
export interface Press {
  readonly pointer: number;
  readonly start: Point;
  last: Point;
  hasMoved: boolean;
  readonly isTouch: boolean;
  /** Space is held: the box being drawn moves as a whole. */
  isCarrying: boolean;
  readonly act:
    | { readonly kind: 'paint'; readonly paint: 0 | 1 }
    | { readonly kind: 'look' }
    | { kind: 'box'; drag: BoxDrag; readonly id?: number };
}

/** Where a box lies, without what it is painted as. */
export function place({ row, col, height, width }: Box): Box {
  return { row, col, height, width };
}

export function pointOf({ clientX, clientY }: MouseEvent): Point {
  return { x: clientX, y: clientY };
}
