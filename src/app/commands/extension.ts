import { canExtend, extend, isSideways, type Direction } from '../../core/panorama.ts';
import { laidOn, ringBlend, RING_CELLS, softRingCells } from '../../core/paste.ts';
import { editSettings } from '../../core/settings.ts';
import { sheetOf } from '../store/editing.ts';
import { modelGrid, sheetGrid } from '../store/grids.ts';
import type { Studio } from '../store/studio.ts';
import type { Base } from './base.ts';
import type { Desk } from './desk.ts';
import { nameOf, settingsFor } from './edit.ts';
import { partsOf, pastedParts, type PaintRun } from './paintRun.ts';

/**
 * The run that paints half a picture more, or `by` cells of it, as the chosen class. What there is stays: every token, and
 * the pixels up to a ring. A window of a larger picture becomes a picture of its own, at its own resolution.
 */
export function extensionRun(desk: Desk, base: Base, direction: Direction, by?: number): PaintRun {
  const { wish, manifest } = desk.store.getState();
  const window = modelGrid(desk.store.getState());
  const { grid, at, tokens, mask } = extend(base.tokens, base.grid, window, direction, by);
  const settings = manifest ? editSettings(wish.settings, manifest) : wish.settings;
  const parts = partsOf(desk, tokens, grid, (_, part) => ({
    request: { classId: wish.classId, settings: settingsFor(settings, part, false) },
  }));
  const size = manifest?.config.image.size ?? base.picture.width;
  const cell = size / window.cols;
  const before = desk.toPixels(base.picture);
  const times = base.picture.width / (base.grid.cols * cell);
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
      const side = cell * times;
      const wide = laidOn({ width: grid.cols * side, height: grid.rows * side }, before, at.col * side, at.row * side);
      const scale = { cell, times, isPixelArt: manifest?.config.image.pixelArt ?? true };
      return pastedParts(wide, parts, made, scale, (part) => ringBlend(part, window, size, ring));
    },
  };
}

/** Why the picture cannot be extended now, in one sentence for the visitor; undefined when it can. */
export function extensionProblem(studio: Studio, direction: Direction, by?: number): string | undefined {
  const { staged, stagedAt, grids } = studio;
  const onShow = staged[stagedAt] ?? sheetOf(studio).baseId;
  if (onShow === undefined) return 'There is no picture to extend; make one first.';
  const grid = stagedAt >= 0 ? (grids[onShow] ?? modelGrid(studio)) : sheetGrid(studio);
  if (!canExtend(grid, modelGrid(studio), direction, by)) return 'The picture is as large as can be painted here.';
  return undefined;
}

/** To which side and by how many cells the staged result on show extends the picture, if it is an extension. */
export function stagedExtension({
  staged,
  stagedAt,
  results,
  grids,
}: Studio): { direction: Direction; by: number } | undefined {
  const id = staged[stagedAt] ?? '';
  const { origin } = results.find((one) => one.id === id) ?? {};
  const grid = grids[id];
  if (origin?.kind !== 'edit' || !origin.extended || !grid) return undefined;
  const { direction, at } = origin.extended;
  return { direction, by: isSideways(direction) ? grid.cols - at.width : grid.rows - at.height };
}
