import type { Reference } from '../program/interpret.ts';

/** y[r, c] = silu(x[r, c]) · x[r, cols + c], silu(v) = v / (1 + e^−v) */
export const swiglu: Reference = ({ x, y }, { rows, cols }) => {
  for (let r = 0; r < rows!; r++) {
    for (let c = 0; c < cols!; c++) {
      const v = x![r * 2 * cols! + c]!;
      y![r * cols! + c] = (v / (1 + Math.exp(-v))) * x![r * 2 * cols! + cols! + c]!;
    }
  }
};
