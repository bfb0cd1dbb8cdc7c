import { sizeOf } from '../program/tensor.ts';

/** Standard normal values that f32 holds exactly, the same for the same seed (mulberry32 and Box–Muller). */
export function normal(shape: readonly number[], seed: number, scale = 1): Float32Array<ArrayBuffer> {
  let state = (seed + 1) * 0x9e3779b9;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 2 ** 32;
  };
  const gauss = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  return Float32Array.from({ length: sizeOf(shape) }, () => scale * gauss());
}
