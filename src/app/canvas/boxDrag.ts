import {
  boxAround,
  boxBetween,
  COARSE_CELLS,
  moveBox,
  resizeBox,
  type CellPoint,
  type DragModifiers,
  type Handle,
} from '../../core/boxes.ts';
import type { Grid } from '../../core/grid.ts';
import type { Box } from '../../core/mask.ts';
import type { Box as PixelBox } from './viewport.ts';

/** A box in the making: what was pressed, and where. Points are in cells, fractional. */
export type BoxDrag =
  | { readonly kind: 'draw'; readonly from: CellPoint }
  | { readonly kind: 'move'; readonly from: CellPoint; readonly box: Box }
  | { readonly kind: 'resize'; readonly from: CellPoint; readonly box: Box; readonly handle: Handle };

/** A pointer must go this far before a press is a drag, in CSS pixels. */
export const DRAG_PIXELS = 4;
/** Side of the box that a press without a drag draws, in cells. */
export const PRESS_CELLS = 4;

/** The box that a drag has come to, on whole cells of the grid. */
export function draggedBox(drag: BoxDrag, at: CellPoint, modifiers: DragModifiers, grid: Grid): Box {
  if (drag.kind === 'draw') return boxBetween(drag.from, at, grid, modifiers);
  const step = modifiers.isCoarse ? COARSE_CELLS : 1;
  const steps = (cells: number): number => Math.round(cells / step) * step;
  const [rows, cols] = [steps(at.row - drag.from.row), steps(at.col - drag.from.col)];
  if (drag.kind === 'move') return moveBox(drag.box, rows, cols, grid);
  return resizeBox(drag.box, drag.handle, rows, cols, grid, modifiers);
}

/** The drag with its origin moved as the pointer moves: what holding Space does while a box is drawn. */
export function carried(drag: BoxDrag, from: CellPoint, to: CellPoint): BoxDrag {
  if (drag.kind !== 'draw') return drag;
  return { kind: 'draw', from: { row: drag.from.row + to.row - from.row, col: drag.from.col + to.col - from.col } };
}

/** What a press without a drag draws. */
export function pressedBox(at: CellPoint, grid: Grid): Box {
  return boxAround(at, PRESS_CELLS, grid);
}

/** A point of the page in cells of the picture; not clamped, so that a drag may leave the picture. */
export function cellAt(x: number, y: number, picture: PixelBox, { rows, cols }: Grid): CellPoint {
  return { row: ((y - picture.y) / picture.height) * rows, col: ((x - picture.x) / picture.width) * cols };
}

/** Positions under a square brush of `size` cells about a point, inside the grid. */
export function brushed({ row, col }: CellPoint, size: number, grid: Grid): number[] {
  const [top, left] = [Math.round(row - size / 2), Math.round(col - size / 2)];
  const positions: number[] = [];
  for (let r = Math.max(0, top); r < Math.min(grid.rows, top + size); r++) {
    for (let c = Math.max(0, left); c < Math.min(grid.cols, left + size); c++) positions.push(r * grid.cols + c);
  }
  return positions;
}

/** Every point of a stroke between two places, half a cell apart, so that quick strokes have no gaps. */
export function strokePoints(from: CellPoint, to: CellPoint): CellPoint[] {
  const steps = Math.max(1, Math.ceil(2 * Math.hypot(to.row - from.row, to.col - from.col)));
  return Array.from({ length: steps }, (_, i) => {
    const share = (i + 1) / steps;
    return { row: from.row + (to.row - from.row) * share, col: from.col + (to.col - from.col) * share };
  });
}
