import type { PaintBox } from '../../core/boxes.ts';
import type { Box, TokenMask } from '../../core/mask.ts';
import type { Direction } from '../../core/panorama.ts';

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
}

/** Whether a picture's untouched pixels came from outside the model. */
export function isFromImport(origin: Origin | undefined): boolean {
  return origin?.kind === 'import' || (origin?.kind === 'edit' && origin.ofImport);
}
