import type { Reference } from '../program/interpret.ts';

/** y[s, p] = x[s, first + p] */
export const gridRows: Reference = ({ x, y }, { length, first, sequences, positions, width }) => {
  for (let s = 0; s < sequences!; s++) {
    const from = (s * length! + first!) * width!;
    y!.set(x!.subarray(from, from + positions! * width!) as Float64Array, s * positions! * width!);
  }
};
