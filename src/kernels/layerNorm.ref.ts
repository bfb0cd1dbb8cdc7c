import type { Reference } from '../program/interpret.ts';

/** y[r, c] = (x[r, c] − mean_r) / √(var_r + eps) · scale[c] + bias[c], biased variance. */
export const layerNorm: Reference = ({ x, scale, bias, y }, { rows, cols, eps }) => {
  for (let r = 0; r < rows!; r++) {
    const row = Array.from(x!.subarray(r * cols!, (r + 1) * cols!));
    const mean = row.reduce((sum, v) => sum + v, 0) / cols!;
    const variance = row.reduce((sum, v) => sum + (v - mean) ** 2, 0) / cols!;
    row.forEach((v, c) => (y![r * cols! + c] = ((v - mean) / Math.sqrt(variance + eps!)) * scale![c]! + bias![c]!));
  }
};

export const layerNormByRow: Reference = layerNorm;
