import type { Box } from '../../core/mask.ts';
import type { StagePicture } from './useStagePicture.ts';

/** A box of cells as a rectangle over the stage, in CSS pixels. */
export function boxPlace({ row, col, height, width }: Box, { picture, grid }: StagePicture) {
  const [cellWidth, cellHeight] = [picture.width / grid.cols, picture.height / grid.rows];
  return {
    x: picture.x + col * cellWidth,
    y: picture.y + row * cellHeight,
    width: width * cellWidth,
    height: height * cellHeight,
  };
}

/** The colours of boxes follow one another; their number tells them apart too. */
export function colourOf(number: number): number {
  return (number - 1) % 6;
}
