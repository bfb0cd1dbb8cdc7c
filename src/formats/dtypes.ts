import { e4m3ToFloat, halfToFloat } from './half.ts';

/** Element types of safetensors that we read, and the bytes of one element. */
export const dtypeBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  F8_E5M2: 1,
  F8_E4M3: 1,
  I64: 8,
  I32: 4,
  I16: 2,
  I8: 1,
  U8: 1,
  U16: 2,
  U32: 4,
  U64: 8,
  BOOL: 1,
} as const;
export type Dtype = keyof typeof dtypeBytes;

/** Whether the text names a type of `dtypeBytes`; not fooled by names that every object has. */
export function isDtype(name: unknown): name is Dtype {
  return typeof name === 'string' && Object.hasOwn(dtypeBytes, name);
}

/** Number of elements of a shape; 1 for a scalar. */
export function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, side) => product * side, 1);
}

type ElementReader = (view: DataView, offset: number) => number;
const elementReaders: Record<Dtype, ElementReader> = {
  F64: (view, offset) => view.getFloat64(offset, true),
  F32: (view, offset) => view.getFloat32(offset, true),
  F16: (view, offset) => halfToFloat(view.getUint16(offset, true)),
  BF16: (view, offset) => {
    scratch.setUint32(0, view.getUint16(offset, true) << 16);
    return scratch.getFloat32(0);
  },
  F8_E5M2: (view, offset) => halfToFloat(view.getUint8(offset) << 8),
  F8_E4M3: (view, offset) => e4m3ToFloat(view.getUint8(offset)),
  I64: (view, offset) => Number(view.getBigInt64(offset, true)),
  I32: (view, offset) => view.getInt32(offset, true),
  I16: (view, offset) => view.getInt16(offset, true),
  I8: (view, offset) => view.getInt8(offset),
  U8: (view, offset) => view.getUint8(offset),
  U16: (view, offset) => view.getUint16(offset, true),
  U32: (view, offset) => view.getUint32(offset, true),
  U64: (view, offset) => Number(view.getBigUint64(offset, true)),
  BOOL: (view, offset) => (view.getUint8(offset) === 0 ? 0 : 1),
};
const scratch = new DataView(new ArrayBuffer(4));

/** Little-endian elements as f32; exact for floats of 32 bits and fewer and small integers, else rounded to nearest. */
export function toF32(bytes: Uint8Array, dtype: Dtype): Float32Array<ArrayBuffer> {
  const size = dtypeBytes[dtype];
  const length = bytes.byteLength / size;
  if (dtype === 'F32') {
    // Copied as bytes, so that the payload of a NaN survives and the source need not be aligned.
    return new Float32Array(new Uint8Array(bytes).buffer);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const read = elementReaders[dtype];
  const values = new Float32Array(length);
  for (let i = 0; i < length; i++) values[i] = read(view, i * size);
  return values;
}

/** Little-endian U16 elements, or the bits of F16 ones. */
export function toU16(bytes: Uint8Array): Uint16Array<ArrayBuffer> {
  return new Uint16Array(new Uint8Array(bytes).buffer);
}

/** I8 elements. */
export function toI8(bytes: Uint8Array): Int8Array<ArrayBuffer> {
  return new Int8Array(new Uint8Array(bytes).buffer);
}

/** Little-endian I32 elements. */
export function toI32(bytes: Uint8Array): Int32Array<ArrayBuffer> {
  return new Int32Array(new Uint8Array(bytes).buffer);
}
