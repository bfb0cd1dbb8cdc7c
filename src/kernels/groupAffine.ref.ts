import type { Reference } from '../program/interpret.ts';

/** factor = scale / √(variance + eps) and offset = bias − mean · factor of each channel, biased variance. */
export const groupAffine: Reference = ({ stats, scale, bias, affine }, params) => {
  const { pixels, channels, groups, slabs, slabPixels, eps } = params as Record<string, number>;
  const width = channels! / groups!;
  const sizes = Array.from({ length: slabs! }, (_, s) => Math.min(slabPixels!, pixels! - s * slabPixels!) * width);
  for (let c = 0; c < channels!; c++) {
    const g = Math.floor(c / width);
    const at = (s: number): number => 2 * (s * groups! + g);
    const sum = sizes.reduce((total, n, s) => total + n * stats![at(s)]!, 0);
    const mean = sum / (pixels! * width);
    const squares = sizes.reduce((total, n, s) => total + stats![at(s) + 1]! + n * (stats![at(s)]! - mean) ** 2, 0);
    const factor = scale![c]! / Math.sqrt(squares / (pixels! * width) + eps!);
    affine![c] = factor;
    affine![channels! + c] = bias![c]! - mean * factor;
  }
};
