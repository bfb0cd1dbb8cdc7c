import type { KernelOperands, KernelShape } from './runtimes/runtime.ts';

/** Layers of a width that software adapters finish; rows are those of two sequences of 64 tokens and a class. */
export const kernelShapes: readonly KernelShape[] = [
  { kind: 'product', rows: 130, inWidth: 192, outWidth: 768 },
  { kind: 'product', rows: 256, inWidth: 512, outWidth: 512 },
  { kind: 'convolution', side: 32, inChannels: 32, outChannels: 32 },
  { kind: 'convolution', side: 16, inChannels: 128, outChannels: 128 },
];

export function operandsOf(shape: KernelShape): KernelOperands {
  if (shape.kind === 'product') {
    const { rows, inWidth, outWidth } = shape;
    return { x: hashed(rows * inWidth, 1), weight: hashed(inWidth * outWidth, 2) };
  }
  const { side, inChannels, outChannels } = shape;
  return { x: hashed(side ** 2 * inChannels, 1), weight: hashed(9 * inChannels * outChannels, 2) };
}

/** Numbers in (−1, 1) that are the same everywhere. */
export function hashed(size: number, lane: number): Float32Array<ArrayBuffer> {
  let state = 0x9e3779b9 * lane;
  return Float32Array.from({ length: size }, () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x6d2b79f5;
    state ^= state >>> 12;
    return (state | 0) / 2 ** 31;
  });
}
