import { dtypeBytes, type Dtype } from './dtypes.ts';

/** Bits of the exponent in the highest bytes of each type with infinities. */
const exponentMask: Partial<Record<Dtype, number>> = { F32: 0x7f80, BF16: 0x7f80, F16: 0x7c00, F64: 0x7ff0 };

/** Index of the first element that is NaN or infinite in little-endian `bytes`; -1 without one, and for integers. */
export function firstNotFinite(bytes: Uint8Array, dtype: Dtype): number {
  if (dtype === 'F8_E5M2') return bytes.findIndex((byte) => (byte & 0x7c) === 0x7c);
  if (dtype === 'F8_E4M3') return bytes.findIndex((byte) => (byte & 0x7f) === 0x7f);
  const mask = exponentMask[dtype];
  if (mask === undefined) return -1;
  const size = dtypeBytes[dtype];
  const high = mask >> 8;
  const low = mask & 255;
  for (let end = size; end <= bytes.length; end += size) {
    if ((bytes[end - 1]! & high) === high && (bytes[end - 2]! & low) === low) return end / size - 1;
  }
  return -1;
}
