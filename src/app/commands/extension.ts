import { canExtend, extend, type Direction } from '../../core/panorama.ts';
import { laidOn, ringBlend, RING_CELLS, softRingCells } from '../../core/paste.ts';
import { editSettings } from '../../core/settings.ts';
import { sheetOf } from '../store/editing.ts';
import { modelGrid, sheetGrid } from '../store/grids.ts';
import type { Studio } from '../store/studio.ts';
import type { Base } from './base.ts';
import type { Desk } from './desk.ts';
import { nameOf, settingsFor } from './edit.ts';
import { partsOf, pastedParts, type PaintRun } from './paintRun.ts';

/** The run that paints half a picture more, as the chosen class. What there is stays: every token, and the pixels up to a ring. */
export function extensionRun(desk: Desk, base: Base, direction: Direction): PaintRun {
  const { wish, manifest } = desk.store.getState();
  const window = modelGrid(desk.store.getState());
  const { grid, at, tokens, mask } = extend(base.tokens, base.grid, window, direction);
  const settings = manifest ? editSettings(wish.settings, manifest) : wish.settings;
  const parts = partsOf(desk, tokens, grid, (_, part) => ({
    classId: wish.classId,
    settings: settingsFor(settings, part, false),
  }));
  const size = manifest?.config.image.size ?? base.picture.width;
  const cell = size / window.cols;
  const before = desk.toPixels(base.picture);
  const ring = base.isImported ? softRingCells(window, size) : RING_CELLS;
  return {
    grid,
    tokens,
    parts,
    origin: {
      kind: 'edit',
      baseId: base.id,
      boxes: [],
      mask,
      extended: { direction, at },
      ofImport: base.isImported,
    },
    classId: base.classId,
    name: nameOf(desk, base.name, [{ classId: wish.classId }]),
    under: { picture: base.picture, open: mask, at },
    finish: (made) => {
      const whole = { width: grid.cols * cell, height: grid.rows * cell };
      const wide = laidOn(whole, before, at.col * cell, at.row * cell);
      const scale = { cell, times: 1, isPixelArt: false };
      return pastedParts(wide, parts, made, scale, (part) => ringBlend(part, window, size, ring));
    },
  };
}

/** Why the picture cannot be extended now, in one sentence for the visitor; undefined when it can. */
export function extensionProblem(studio: Studio, direction: Direction): string | undefined {
  const { staged, stagedAt, grids, results } = studio;
  const onShow = staged[stagedAt] ?? sheetOf(studio).baseId;
  if (onShow === undefined) return 'There is no picture to extend; make one first.';
  const { frame } = results.find(({ id }) => id === onShow) ?? {};
  if (frame) return 'This is a part of a larger picture: what lies beside it is there already.';
  const grid = stagedAt >= 0 ? (grids[onShow] ?? modelGrid(studio)) : sheetGrid(studio);
  if (!canExtend(grid, modelGrid(studio), direction)) return 'The picture is as large as can be painted here.';
  return undefined;
}

/** The side to which the staged result on show extends the picture, if it is an extension. */
export function stagedExtension({ staged, stagedAt, results }: Studio): Direction | undefined {
  const { origin } = results.find(({ id }) => id === staged[stagedAt]) ?? {};
  return origin?.kind === 'edit' ? origin.extended?.direction : undefined;
}
