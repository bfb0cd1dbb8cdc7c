import type { Grid } from '../../core/grid.ts';
import type { TokenMask } from '../../core/mask.ts';
import type { Box } from './viewport.ts';

/** The cells where `inside` holds, as rectangles of an SVG path: neighbours in a row are one rectangle. */
export function cellsPath(inside: (position: number) => boolean, grid: Grid, picture: Box): string {
  const { x, y } = edges(grid, picture);
  let path = '';
  for (let row = 0; row < grid.rows; row++) {
    for (let col = 0; col < grid.cols; col++) {
      if (!inside(row * grid.cols + col)) continue;
      let end = col + 1;
      while (end < grid.cols && inside(row * grid.cols + end)) end++;
      path += `M${x(col)} ${y(row)}H${x(end)}V${y(row + 1)}H${x(col)}Z`;
      col = end;
    }
  }
  return path;
}

/** The border between the cells of a mask and the others, as an SVG path; the edge of the picture counts as outside. */
export function outlinePath(mask: TokenMask, grid: Grid, picture: Box): string {
  const { x, y } = edges(grid, picture);
  const at = (row: number, col: number): boolean =>
    row >= 0 && col >= 0 && row < grid.rows && col < grid.cols && mask[row * grid.cols + col] === 1;
  let path = '';
  for (let row = 0; row <= grid.rows; row++) {
    for (let col = 0; col <= grid.cols; col++) {
      if (at(row, col) !== at(row - 1, col)) path += `M${x(col)} ${y(row)}H${x(col + 1)}`;
      if (at(row, col) !== at(row, col - 1)) path += `M${x(col)} ${y(row)}V${y(row + 1)}`;
    }
  }
  return path;
}

function edges({ rows, cols }: Grid, picture: Box) {
  const round = (value: number): number => Math.round(value * 10) / 10;
  return {
    x: (col: number) => round(picture.x + (col * picture.width) / cols),
    y: (row: number) => round(picture.y + (row * picture.height) / rows),
  };
}
