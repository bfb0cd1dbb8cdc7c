import type { Reference } from '../program/interpret.ts';

/** y[i, j] = Σ_d queries[i, d] · keys[j, d] / √width */
export const scores: Reference = ({ queries, keys, y }, { rows, columns, width }) => {
  for (let i = 0; i < rows!; i++) {
    for (let j = 0; j < columns!; j++) {
      let sum = 0;
      for (let d = 0; d < width!; d++) sum += queries![i * width! + d]! * keys![j * width! + d]!;
      y![i * columns! + j] = sum / Math.sqrt(width!);
    }
  }
};
