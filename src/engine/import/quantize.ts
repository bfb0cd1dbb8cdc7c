import { Failure } from '../../core/failure.ts';
import { elementCount } from '../../formats/dtypes.ts';
import { floatToHalf } from '../../formats/half.ts';
import { tensorOut, type TensorOut } from '../../formats/writeSafetensors.ts';

/** How weights are stored: f32 exactly, f16, or int8 with one scale per output channel. */
export const weightDtypes = ['f32', 'f16', 'int8'] as const;
export type WeightDtype = (typeof weightDtypes)[number];

/**
 * A weight as it is stored. Vectors (biases, norms) stay f32, they are small and matter most; with int8 the kernels
 * become I8 with `<name>.scale` F32 [last axis], embeddings and codebook f16.
 * @throws Failure BadFile naming the tensor when a value is beyond f16
 */
export function storedAs(
  dtype: WeightDtype,
  name: string,
  shape: readonly number[],
  values: Float32Array,
): readonly TensorOut[] {
  if (dtype === 'f32' || shape.length < 2) return [tensorOut(name, shape, values)];
  if (dtype === 'int8' && name.endsWith('/kernel')) return quantized(name, shape, values);
  const halves = new Uint16Array(elementCount(shape));
  for (let i = 0; i < halves.length; i++) {
    halves[i] = floatToHalf(values[i]!);
    if ((halves[i]! & 0x7fff) === 0x7c00) {
      throw new Failure(
        'BadFile',
        `tensor ${name} holds ${values[i]} at index ${i}, too large for f16; import it with --dtype f32.`,
      );
    }
  }
  return [{ name, dtype: 'F16', shape, bytes: new Uint8Array(halves.buffer) }];
}

function quantized(name: string, shape: readonly number[], values: Float32Array): readonly TensorOut[] {
  const cols = shape.at(-1)!;
  const scale = new Float32Array(cols);
  // Plain loops: this runs over hundreds of millions of values.
  for (let start = 0; start < values.length; start += cols) {
    for (let col = 0; col < cols; col++) {
      scale[col] = Math.max(scale[col]!, Math.abs(values[start + col]!) / 127);
    }
  }
  // Divided by the stored scale, so that what is lost is only the rounding to a whole number.
  const whole = new Int8Array(values.length);
  for (let start = 0; start < values.length; start += cols) {
    for (let col = 0; col < cols; col++) {
      const step = scale[col]!;
      whole[start + col] = step === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(values[start + col]! / step)));
    }
  }
  return [tensorOut(name, shape, whole), tensorOut(`${name}.scale`, [cols], scale)];
}
