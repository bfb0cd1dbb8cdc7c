import { Failure } from '../../core/failure.ts';
import { toF32, type Dtype } from '../../formats/dtypes.ts';
import { openFlaxCheckpoint } from '../../formats/flaxMsgpack.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import { openSafetensors } from '../../formats/safetensors.ts';

/** The weights of a network under the official names, whatever file they came in. */
export interface Checkpoint {
  readonly fileName: string;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /**
   * The values of a tensor.
   * @throws Failure BadFile naming file, tensor and index when a value is not finite.
   */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
}

interface Source {
  readonly tensors: ReadonlyMap<string, { readonly dtype: Dtype; readonly shape: readonly number[] }>;
  read(name: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** Types that f32 holds exactly. */
const readableDtypes: ReadonlySet<Dtype> = new Set<Dtype>(['F32', 'F16', 'BF16']);

/**
 * Open a Flax checkpoint, or the same tensors as safetensors. Of a tree with a `params` branch only that counts.
 * @throws Failure BadFile naming the file
 */
export async function openCheckpoint(file: RangedFile): Promise<Checkpoint> {
  const source = await openSource(file);
  const names = [...source.tensors.keys()];
  const prefix = names.some((name) => name.startsWith('params/')) ? 'params/' : '';
  const kept = names.filter((name) => name.startsWith(prefix));
  if (kept.length === 0) throw new Failure('BadFile', `${file.name}: it holds no tensors.`);
  return {
    fileName: file.name,
    shapes: new Map(kept.map((name) => [name.slice(prefix.length), source.tensors.get(name)!.shape])),
    async read(name) {
      const { dtype } = source.tensors.get(prefix + name)!;
      if (!readableDtypes.has(dtype)) {
        throw new Failure(
          'BadFile',
          `${file.name}: tensor ${name} has dtype ${dtype}, weights must be F32, F16 or BF16.`,
        );
      }
      const values = toF32(await source.read(prefix + name), dtype);
      const index = values.findIndex((value) => !Number.isFinite(value));
      if (index >= 0)
        throw new Failure('BadFile', `${file.name}: tensor ${name} holds ${values[index]} at index ${index}.`);
      return values;
    },
  };
}

async function openSource(file: RangedFile): Promise<Source> {
  const head = await file.read(0, Math.min(16, file.sizeBytes));
  if (head[0] === 0x50 && head[1] === 0x4b) {
    throw new Failure('BadFile', `${file.name}: PyTorch files cannot be imported yet, convert it to safetensors.`);
  }
  // A safetensors file begins with the length of its JSON header, a Flax file with a msgpack map.
  if (head[8] === 0x7b && head[7] === 0) {
    const opened = await openSafetensors(file);
    return { tensors: opened.entries, read: opened.read };
  }
  const isMap = head[0] !== undefined && ((head[0] & 0xf0) === 0x80 || head[0] === 0xde || head[0] === 0xdf);
  if (!isMap) {
    throw new Failure('BadFile', `${file.name}: it is neither a Flax checkpoint (msgpack) nor safetensors.`);
  }
  return openFlaxCheckpoint(file);
}

/** The shape of a tensor that must be there with this many sides. @throws Failure BadFile naming file and tensor */
export function shapeOf(checkpoint: Checkpoint, name: string, rank: number): readonly number[] {
  const shape = checkpoint.shapes.get(name);
  if (shape === undefined) throw new Failure('BadFile', `${checkpoint.fileName}: tensor ${name} is missing.`);
  if (shape.length === rank && shape.every((side) => side > 0)) return shape;
  throw new Failure('BadFile', `${checkpoint.fileName}: tensor ${name} has shape [${shape}] instead of ${rank} sides.`);
}
