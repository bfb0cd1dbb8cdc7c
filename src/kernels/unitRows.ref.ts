import type { Reference } from '../program/interpret.ts';

/** Each row over its length, which counts as 1e-12 at least. */
export const unitRows: Reference = ({ x, y }, { rows, width }) => {
  for (let r = 0; r < rows!; r++) {
    const row = x!.subarray(r * width!, (r + 1) * width!);
    const length = Math.max(Math.hypot(...row), 1e-12);
    row.forEach((value, c) => (y![r * width! + c] = value / length));
  }
};
