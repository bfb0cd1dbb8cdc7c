import { dtypeBytes, elementCount, type Dtype } from './dtypes.ts';
import { encodeUtf8 } from './utf8.ts';

/** A tensor to be written: `bytes` little-endian in C order. */
export interface TensorOut {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** Elements that have one obvious type in a file; pass `bytes` with dtype F16 for halves. */
export function tensorOut(
  name: string,
  shape: readonly number[],
  values: Float32Array | Int32Array | Uint8Array | Int8Array,
): TensorOut {
  const dtype = dtypeOf(values);
  return { name, dtype, shape, bytes: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

function dtypeOf(values: Float32Array | Int32Array | Uint8Array | Int8Array): Dtype {
  if (values instanceof Float32Array) return 'F32';
  if (values instanceof Int32Array) return 'I32';
  return values instanceof Int8Array ? 'I8' : 'U8';
}

/**
 * The bytes of a safetensors file. Wider types come first and the data start at a multiple of 256 bytes, so every
 * tensor is aligned to its element; among equals the order given is kept.
 */
export function writeSafetensors(
  tensors: readonly TensorOut[],
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const ordered = tensors.toSorted((a, b) => dtypeBytes[b.dtype] - dtypeBytes[a.dtype]);
  const header: [string, unknown][] = Object.keys(metadata).length === 0 ? [] : [['__metadata__', metadata]];
  let end = 0;
  for (const { name, dtype, shape, bytes } of ordered) {
    if (elementCount(shape) * dtypeBytes[dtype] !== bytes.byteLength) {
      throw new RangeError(`tensor ${name}: shape [${shape}] of ${dtype} does not hold ${bytes.byteLength} bytes`);
    }
    header.push([name, { dtype, shape, data_offsets: [end, end + bytes.byteLength] }]);
    end += bytes.byteLength;
  }
  if (new Set(header.map(([name]) => name)).size !== header.length) throw new RangeError('two tensors share a name');
  const json = encodeUtf8(JSON.stringify(Object.fromEntries(header)));
  const dataStart = Math.ceil((8 + json.byteLength) / 256) * 256;
  const file = new Uint8Array(dataStart + end).fill(0x20, 0, dataStart);
  new DataView(file.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  file.set(json, 8);
  let offset = dataStart;
  for (const { bytes } of ordered) {
    file.set(bytes, offset);
    offset += bytes.byteLength;
  }
  return file;
}
