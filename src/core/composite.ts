import type { Grid } from './grid.ts';
import type { TokenMask } from './mask.ts';
import { gaussianBlur, resizeBicubic } from './resample.ts';

/** The reference blurs by a sixteenth of the picture less one pixel, whatever the cell. */
export function blurPixels(size: number): number {
  return Math.max(0, Math.floor(size / 16) - 1);
}

/** The token mask widened to `size` × `size` pixels (bicubic), before and after the blur; 255 where to paint. */
export function softMask(mask: TokenMask, grid: Grid, size: number): { resized: Uint8Array; blurred: Uint8Array } {
  const cells = { width: grid.cols, height: grid.rows, channels: 1, data: mask.map((paint) => paint * 255) };
  const resized = resizeBicubic(cells, size, size);
  return { resized: resized.data, blurred: gaussianBlur(resized, blurPixels(size)).data };
}

/** [size, size] share of the painted picture in each pixel, 0 to 1: the blurred mask. */
export function blendOf(mask: TokenMask, grid: Grid, size: number): Float32Array<ArrayBuffer> {
  return Float32Array.from(softMask(mask, grid, size).blurred, (value) => value / 255);
}

/**
 * painted · m + original · (1 − m), not clipped.
 *
 * @param painted [H, W, 3] 0 to 1
 * @param original [H, W, 3] 0 to 1
 * @param blend [H, W] m
 */
export function composite(
  painted: Float32Array,
  original: Float32Array,
  blend: Float32Array,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(painted, (value, i) => {
    const m = blend[Math.floor(i / 3)]!;
    return value * m + original[i]! * (1 - m);
  });
}
