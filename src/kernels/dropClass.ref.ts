import type { Reference } from '../program/interpret.ts';

/** y[s, p] = x[s, 1 + p] */
export const dropClass: Reference = ({ x, y }, { sequences, positions, width }) => {
  for (let s = 0; s < sequences!; s++) {
    const from = (s * (positions! + 1) + 1) * width!;
    y!.set(x!.subarray(from, from + positions! * width!) as Float64Array, s * positions! * width!);
  }
};
