import type { Reference } from '../program/interpret.ts';

/** y[h, w, c] = mean of x[2h + {0, 1}, 2w + {0, 1}, c]. */
export const averagePool: Reference = ({ x, y }, { height, width, channels }) => {
  const [rows, cols] = [Math.floor(height! / 2), Math.floor(width! / 2)];
  for (let i = 0; i < rows * cols * channels!; i++) {
    const c = i % channels!;
    const [row, col] = [Math.floor(i / channels! / cols), Math.floor(i / channels!) % cols];
    const value = (dy: number, dx: number): number => x![((2 * row + dy) * width! + 2 * col + dx) * channels! + c]!;
    y![i] = (value(0, 0) + value(0, 1) + value(1, 0) + value(1, 1)) / 4;
  }
};
