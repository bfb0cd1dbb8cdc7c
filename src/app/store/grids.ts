import type { Grid } from '../../core/grid.ts';
import { sheetOf } from './editing.ts';
import type { Studio } from './studio.ts';

const eightByEight: Grid = { rows: 8, cols: 8 };

/** What the model sees at once: the grid of a run, and of every picture that is no panorama. */
export function modelGrid({ manifest }: Pick<Studio, 'manifest'>): Grid {
  return manifest?.config.grid ?? eightByEight;
}

/** Token grid of the picture that is worked on; boxes and marks lie on it. */
export function sheetGrid(studio: Pick<Studio, 'manifest' | 'grids' | 'history'>): Grid {
  return studio.grids[sheetOf(studio).baseId ?? ''] ?? modelGrid(studio);
}

/** Token grid of what the stage shows; while a staged extension is seen, that is not the one of the sheet. */
export function shownGrid(studio: Pick<Studio, 'manifest' | 'reelGrid'>): Grid {
  return studio.reelGrid ?? modelGrid(studio);
}
