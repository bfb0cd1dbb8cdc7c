import { floatToHalf, halfToFloat } from '../formats/half.ts';
import { sizeOf, type Tensor } from '../program/tensor.ts';

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

/** The number that is left of one after it was stored as f16. */
export function asHalf(value: number): number {
  return halfToFloat(floatToHalf(value));
}

/** Values that a tensor of this type holds exactly: normal, of i8 anything from −127 to 127. */
export function valuesFor(
  { shape, dtype }: Pick<Tensor, 'shape' | 'dtype'>,
  seed: number,
  magnitude = 1,
): Float32Array<ArrayBuffer> {
  const values = normal(shape, seed, magnitude);
  if (dtype === 'f16') return values.map(asHalf);
  return dtype === 'i8' ? values.map((value) => Math.max(-127, Math.min(127, Math.round(60 * value)))) : values;
}
