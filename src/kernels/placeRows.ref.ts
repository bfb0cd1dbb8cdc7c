import type { Reference } from '../program/interpret.ts';

/** y[i, s] = x[s, first + places[i, s mod pictures]]; -1 reads like 0. */
export const placeRows: Reference = ({ x, places, y }, params) => {
  const { length, first, given, entries, pictures, sequences, width } = params;
  for (let i = 0; i < entries!; i++) {
    for (let s = 0; s < sequences!; s++) {
      const from = ((s % given!) * length! + first! + Math.max(0, places![i * pictures! + (s % pictures!)]!)) * width!;
      y!.set(x!.subarray(from, from + width!) as Float64Array, (i * sequences! + s) * width!);
    }
  }
};
