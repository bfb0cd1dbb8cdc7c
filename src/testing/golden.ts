import { readFileSync } from 'node:fs';

/** A tensor of a golden file: row-major values and their shape. */
export interface GoldenTensor {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;
}

type Data = GoldenTensor['data'];
const arrays = { F32: Float32Array, I32: Int32Array, U8: Uint8Array } as const;

/**
 * The tensors of golden/`path`, a safetensors file of F32, I32 and U8 tensors, by name. For tests only; the engine
 * reads files with src/formats, and this reader shares nothing with it on purpose.
 */
export function loadGolden(path: string): Golden {
  const bytes = readFileSync(new URL(`../../golden/${path}`, import.meta.url));
  const headerBytes = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<string, Entry>;
  const tensors = new Map<string, GoldenTensor>();
  for (const [name, { dtype, shape, data_offsets: range }] of Object.entries(header)) {
    if (name === '__metadata__') continue;
    const copy = new Uint8Array(bytes.subarray(8 + headerBytes + range[0], 8 + headerBytes + range[1]));
    tensors.set(name, { shape, data: new arrays[dtype](copy.buffer) });
  }
  return new Golden(path, tensors);
}

interface Entry {
  readonly dtype: keyof typeof arrays;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** A golden file's tensors; asking for what is not there, or of another type, is an error that names the file. */
export class Golden {
  readonly path: string;
  readonly tensors: ReadonlyMap<string, GoldenTensor>;

  constructor(path: string, tensors: ReadonlyMap<string, GoldenTensor>) {
    this.path = path;
    this.tensors = tensors;
  }

  tensor(name: string): GoldenTensor {
    const tensor = this.tensors.get(name);
    if (!tensor)
      throw new Error(`golden/${this.path} has no tensor ${name}; it has ${[...this.tensors.keys()].join(', ')}`);
    return tensor;
  }

  f32 = (name: string): Float32Array<ArrayBuffer> => this.#typed(name, Float32Array);
  i32 = (name: string): Int32Array<ArrayBuffer> => this.#typed(name, Int32Array);
  u8 = (name: string): Uint8Array<ArrayBuffer> => this.#typed(name, Uint8Array);

  /** The part of a tensor at the given leading indices: of [8, 2, 37], at(name, 3, 1) has 37 values. */
  at(name: string, ...indices: readonly number[]): Data {
    const { shape, data } = this.tensor(name);
    const length = shape.slice(indices.length).reduce((a, b) => a * b, 1);
    const index = indices.reduce((flat, i, axis) => flat * shape[axis]! + i, 0);
    return data.subarray(index * length, (index + 1) * length);
  }

  #typed<T extends Data>(name: string, type: new (buffer: ArrayBuffer) => T): T {
    const { data } = this.tensor(name);
    if (!(data instanceof type))
      throw new Error(`golden/${this.path}: ${name} is ${data.constructor.name}, not ${type.name}`);
    return data;
  }
}
