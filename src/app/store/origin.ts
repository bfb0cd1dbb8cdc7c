import type { PaintBox } from '../../core/boxes.ts';
import type { TokenMask } from '../../core/mask.ts';

/** How a picture came to be when it was not painted from nothing: brought in, or edited. */
export type Origin = { readonly kind: 'import' } | EditOrigin;

export interface EditOrigin {
  readonly kind: 'edit';
  /** Id of the picture that was edited; undefined for a layout of boxes on a blank canvas. */
  readonly baseId: string | undefined;
  readonly boxes: readonly PaintBox[];
  /** [positions] 1 where it was painted. */
  readonly mask: TokenMask;
  /** Whether the first picture of the line was brought in: its pixels are not the model's own. */
  readonly ofImport: boolean;
}

/** Whether a picture's untouched pixels came from outside the model. */
export function isFromImport(origin: Origin | undefined): boolean {
  return origin?.kind === 'import' || (origin?.kind === 'edit' && origin.ofImport);
}
