import type { Grid } from '../../core/grid.ts';
import type { Box } from './viewport.ts';

/** Outline a square of cells on the layer, or nothing. Set by hand: it moves with every pointer event. */
export function outlineCells(layer: Element, cells: readonly number[], picture: Box, grid: Grid): void {
  const cursor = layer.querySelector('[data-cursor]');
  if (!cursor) return;
  const [first, last] = [cells[0], cells.at(-1)];
  cursor.setAttribute('visibility', first === undefined ? 'hidden' : 'visible');
  if (first === undefined || last === undefined) return;
  const [cellWidth, cellHeight] = [picture.width / grid.cols, picture.height / grid.rows];
  const [top, left] = [Math.floor(first / grid.cols), first % grid.cols];
  const place = {
    x: picture.x + left * cellWidth,
    y: picture.y + top * cellHeight,
    width: ((last % grid.cols) - left + 1) * cellWidth,
    height: (Math.floor(last / grid.cols) - top + 1) * cellHeight,
  };
  for (const [name, value] of Object.entries(place)) cursor.setAttribute(name, String(value));
}
