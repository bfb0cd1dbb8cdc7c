import { Failure } from '../core/failure.ts';
import { toF32, toI8, toU16, type Dtype } from '../formats/dtypes.ts';
import { halfToFloat } from '../formats/half.ts';
import type { RangedFile } from '../formats/ranged.ts';
import { openSafetensors, type Safetensors, type TensorEntry } from '../formats/safetensors.ts';
import { scaleName, type StoredTensor, type WeightValues } from '../program/recipe.ts';

/** Types that a weight may be stored in; I8 has a companion `<name>.scale`, one factor for each of the last axis. */
const weightDtypes: readonly Dtype[] = ['F32', 'F16', 'BF16', 'I8'];

/** Of an f16; all ones in infinities and NaN. */
const HALF_EXPONENT = 0x7c00;

/** Weights by name, read when they are asked for. */
export interface WeightReader {
  /** Bytes of the stored tensor, with its scale. */
  storedBytes(name: string): number;
  /** A tensor widened to f32, every value finite. Failure BadFile naming file, tensor and index. */
  read(name: string): Promise<StoredTensor>;
  /** How tensors are stored; absent where there are no files behind them, and all is f32. */
  readonly stored?: StoredReader;
}

/** Weights as the files hold them. */
export interface StoredReader {
  dtypeOf(name: string): Dtype;
  /** F16 as the bits of the halves, every value finite; I8 without its scale. Else as `WeightReader.read`. */
  read(name: string): Promise<StoredTensor<WeightValues>>;
}

/** The tensors of a model, over all its shards. Nothing is held: a tensor is read when it is asked for. */
export class WeightFiles implements WeightReader {
  readonly stored: StoredReader = {
    dtypeOf: (name) => this.#entry(name).dtype,
    read: (name) => this.#readStored(name),
  };
  readonly #shards: readonly Safetensors[];
  readonly #shardOf = new Map<string, Safetensors>();

  /** @throws Failure BadFile when two shards hold a tensor of one name */
  constructor(shards: readonly Safetensors[]) {
    this.#shards = shards;
    for (const shard of shards) {
      for (const name of shard.entries.keys()) {
        const other = this.#shardOf.get(name);
        if (other !== undefined) refuse(shard.name, name, `is in ${other.name} as well`);
        this.#shardOf.set(name, shard);
      }
    }
  }

  storedBytes(name: string): number {
    return this.#entry(name).sizeBytes + (this.#find(scaleName(name))?.sizeBytes ?? 0);
  }

  /**
   * Every tensor is there in a known type and the expected shape, by the headers alone.
   * @throws Failure BadFile naming file, tensor and both shapes
   */
  check(shapes: ReadonlyMap<string, readonly number[]>): void {
    for (const [name, expected] of shapes) {
      const { dtype, shape } = this.#entry(name);
      const { name: file } = this.#shardOf.get(name)!;
      if (shape.join() !== expected.join()) {
        refuse(file, name, `has the shape [${shape.join(', ')}] where model.json wants [${expected.join(', ')}]`);
      }
      if (!weightDtypes.includes(dtype)) refuse(file, name, `is ${dtype}; weights are ${weightDtypes.join(', ')}`);
      if (dtype !== 'I8') continue;
      const scale = this.#entry(scaleName(name));
      if (scale.shape.join() !== String(shape.at(-1))) {
        refuse(file, scaleName(name), `has the shape [${scale.shape.join(', ')}], not [${shape.at(-1)}]`);
      }
    }
  }

  async read(name: string): Promise<StoredTensor> {
    const { dtype, shape } = this.#entry(name);
    const shard = this.#shardOf.get(name)!;
    const values = toF32(await shard.read(name), dtype);
    if (dtype === 'I8') scaleColumns(values, (await this.read(scaleName(name))).values);
    const bad = values.findIndex((value) => !Number.isFinite(value));
    if (bad >= 0) refuse(shard.name, name, `holds ${values[bad]} at index ${bad}`);
    return { shape, values };
  }

  async #readStored(name: string): Promise<StoredTensor<WeightValues>> {
    const { dtype, shape } = this.#entry(name);
    const shard = this.#shardOf.get(name)!;
    if (dtype === 'I8') return { shape, values: toI8(await shard.read(name)) };
    if (dtype !== 'F16') return this.read(name);
    const values = toU16(await shard.read(name));
    const bad = values.findIndex((half) => (half & HALF_EXPONENT) === HALF_EXPONENT);
    if (bad >= 0) refuse(shard.name, name, `holds ${halfToFloat(values[bad]!)} at index ${bad}`);
    return { shape, values };
  }

  #find(name: string): TensorEntry | undefined {
    return this.#shardOf.get(name)?.entries.get(name);
  }

  #entry(name: string): TensorEntry {
    const files = this.#shards.map((shard) => shard.name).join(', ');
    return this.#find(name) ?? refuse(files, name, 'is missing');
  }
}

/** Open every shard's header. Failure BadFile. */
export async function openWeightFiles(files: readonly RangedFile[]): Promise<WeightFiles> {
  const shards: Safetensors[] = [];
  for (const file of files) shards.push(await openSafetensors(file));
  return new WeightFiles(shards);
}

function scaleColumns(values: Float32Array, scale: Float32Array): void {
  const cols = scale.length;
  for (let i = 0; i < values.length; i++) values[i] = values[i]! * scale[i % cols]!;
}

function refuse(file: string, tensor: string, cause: string): never {
  throw new Failure(
    'BadFile',
    `${file}: tensor ${tensor.slice(0, 200)} ${cause}; get the model again or convert it anew.`,
  );
}
