import type { PaintBox } from '../../core/boxes.ts';
import type { Box, TokenMask } from '../../core/mask.ts';
import type { Direction } from '../../core/panorama.ts';

/** A picture that is a window of a larger one, in pixels of that: it is pasted back when it is saved. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly side: number;
  /** Size of the larger picture. */
  readonly width: number;
  readonly height: number;
}

/** How a picture came to be when it was not painted from nothing: brought in, or edited. */
export type Origin = { readonly kind: 'import' } | EditOrigin;

export interface EditOrigin {
  readonly kind: 'edit';
  /** Id of the picture that was edited; undefined for a layout of boxes on a blank canvas. */
  readonly baseId: string | undefined;
  readonly boxes: readonly PaintBox[];
  /** [positions] 1 where it was painted. */
  readonly mask: TokenMask;
  /** An extension: to which side, and where the picture before lies in this one, in cells. */
  readonly extended?: { readonly direction: Direction; readonly at: Box };
  /** Whether the first picture of the line was brought in: its pixels are not the model's own. */
  readonly ofImport: boolean;
  /** A single token that a person chose; nothing was painted. */
  readonly isByHand?: boolean;
}

/** Whether a picture's untouched pixels came from outside the model. */
export function isFromImport(origin: Origin | undefined): boolean {
  return origin?.kind === 'import' || (origin?.kind === 'edit' && origin.ofImport);
}
