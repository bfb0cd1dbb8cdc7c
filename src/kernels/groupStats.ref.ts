import type { Reference } from '../program/interpret.ts';

/** Of each slab and group: mean = Σ x / n and squares = Σ (x − mean)². */
export const groupStats: Reference = ({ x, stats }, { pixels, channels, groups, slabs, slabPixels }) => {
  const width = channels! / groups!;
  for (let s = 0; s < slabs!; s++) {
    for (let g = 0; g < groups!; g++) {
      const values: number[] = [];
      for (let p = s * slabPixels!; p < Math.min((s + 1) * slabPixels!, pixels!); p++) {
        values.push(...x!.subarray(p * channels! + g * width, p * channels! + (g + 1) * width));
      }
      const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
      stats![2 * (s * groups! + g)] = mean;
      stats![2 * (s * groups! + g) + 1] = values.reduce((sum, v) => sum + (v - mean) ** 2, 0);
    }
  }
};
