import type { TokenizerVariant } from '../../core/config.ts';
import { Failure } from '../../core/failure.ts';
import {
  openCheckpoint as openFormat,
  openFolder,
  refuseMissingShards,
  type Checkpoint as Opened,
} from '../../formats/checkpoint.ts';
import { toF32, type Dtype } from '../../formats/dtypes.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import type { CheckpointTensor } from '../../formats/torchFile.ts';
import { fingerprint, type Role } from './fingerprints.ts';
import { readConfig, type ConfigHints } from './folderConfig.ts';
import { inflateRaw } from './inflate.ts';
import { officialUntold, openMuseTransformer, originsOf, type Origin, type Untold } from './layouts.ts';
import { officialShape, officialValues } from './relayout.ts';

/** Where weights come from: a file of any format, or a folder of files by path. */
export type WeightSource = RangedFile | { readonly name: string; readonly files: ReadonlyMap<string, RangedFile> };

/** The weights of a network under the official names and in official layouts, whatever file they came in. */
export interface Checkpoint {
  readonly fileName: string;
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** What a configuration beside the weights says. */
  readonly hints: ConfigHints;
  /** What a tokenizer makes differently from the official one. */
  readonly variant: TokenizerVariant;
  /** What the shapes of a transformer do not tell. */
  readonly untold: Untold;
  /**
   * The values of a tensor.
   * @throws Failure BadFile naming file, tensor and index when a value is not finite.
   */
  read(name: string): Promise<Float32Array<ArrayBuffer>>;
}

/** Types of weights; f32 holds all but doubles exactly, which are rounded to it. */
const readableDtypes: ReadonlySet<Dtype> = new Set<Dtype>(['F64', 'F32', 'F16', 'BF16', 'F8_E4M3', 'F8_E5M2']);

/**
 * Open the tokenizer or the transformer of a checkpoint, recognised by the names of its tensors. What else the file
 * holds (optimizer states, other networks) is not read.
 * @throws Failure BadFile naming the file and what it is instead
 */
export async function openCheckpoint(source: WeightSource, role: Role): Promise<Checkpoint> {
  if (!('files' in source)) refuseMissingShards(source.name, [source.name]);
  const opened =
    'files' in source ? await openFolder(source.name, source.files, inflateRaw) : await openFormat(source, inflateRaw);
  const names = [...opened.tensors.keys()];
  const { layout, prefix } = await orDamage(source, opened, () => fingerprint(names, role, opened.name));
  const tensors = new Map(
    names.flatMap((name) => (name.startsWith(prefix) ? [[name.slice(prefix.length), opened.tensors.get(name)!]] : [])),
  );
  const origins = originsOf(layout, [...tensors.keys()]);
  const places = new Map([...origins].map(([name, origin]) => [name, placeOf(tensors.get(origin.from)!, origin)]));
  const shapes = new Map([...places].map(([name, { shape }]) => [name, shape]));
  const read = async (name: string): Promise<Float32Array<ArrayBuffer>> => valuesOf(places.get(name)!, opened.name);
  for (const [copy, name] of Object.entries(layout.copies ?? {})) {
    const tensor = tensors.get(copy);
    if (tensor !== undefined && shapes.has(name)) await checkCopy(copy, tensor, await read(name), opened.name);
  }
  return {
    fileName: opened.name,
    shapes,
    variant: layout.variant ?? {},
    untold: layout.untold ?? officialUntold,
    hints: layout === openMuseTransformer ? await hintsOf(opened, prefix, shapes) : {},
    read,
  };
}

/** How much is looked through only to say what is damaged: deflated 200 times, each tensor is 50 MB at most. */
const looksAt = { fileBytes: 2 ** 18, tensors: 4 };

/** What `look` finds; where it finds no network in a small file, what is damaged in it is told first. */
export async function orDamage<T>(source: WeightSource, { tensors }: Pick<Opened, 'tensors'>, look: () => T) {
  try {
    return look();
  } catch (error) {
    const first = [...tensors.values()].slice(0, looksAt.tensors);
    if (sizeOfSource(source) <= looksAt.fileBytes) for (const tensor of first) await tensor.read();
    throw error;
  }
}

export function sizeOfSource(source: WeightSource): number {
  const files = 'files' in source ? [...source.files.values()] : [source];
  return files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** A tensor of the file and what it is officially. */
interface Place {
  readonly tensor: CheckpointTensor;
  readonly origin: Origin;
  /** Official. */
  readonly shape: readonly number[];
}

/** A tensor of another rank than its name promises keeps its shape, and is refused by it. */
function placeOf(tensor: CheckpointTensor, origin: Origin): Place {
  const [rows = 0, ...rest] = tensor.shape;
  const ranks = { same: tensor.shape.length, unbatched: tensor.shape.length, dense: 2, conv: 4 };
  const isThird = origin.third !== undefined;
  if (tensor.shape.length !== ranks[origin.layout] || (isThird && rows % 3 !== 0)) {
    return { tensor, origin: { from: origin.from, layout: 'same' }, shape: tensor.shape };
  }
  const shape = isThird ? [rows / 3, ...rest] : tensor.shape;
  return { tensor, origin, shape: officialShape(origin.layout, shape) };
}

async function valuesOf({ tensor, origin }: Place, fileName: string): Promise<Float32Array<ArrayBuffer>> {
  const { from, layout, third } = origin;
  if (!readableDtypes.has(tensor.dtype)) {
    const cause = `tensor ${from} has dtype ${tensor.dtype}, weights must be floating-point numbers`;
    throw new Failure('BadFile', `${fileName}: ${cause}.`);
  }
  const values = toF32(await tensor.read(), tensor.dtype);
  if (third === undefined) return officialValues(layout, tensor.shape, values);
  const count = values.length / 3;
  const [rows = 0, ...rest] = tensor.shape;
  return officialValues(layout, [rows / 3, ...rest], values.slice(third * count, (third + 1) * count));
}

/** A head that was trained apart from the embedding is not the official network. */
async function checkCopy(
  name: string,
  tensor: CheckpointTensor,
  original: Float32Array,
  fileName: string,
): Promise<void> {
  const copy = toF32(await tensor.read(), tensor.dtype);
  const index = copy.length === original.length ? copy.findIndex((value, i) => value !== original[i]) : 0;
  if (index < 0) return;
  const cause = `tensor ${name} differs from the embedding (at index ${index}), so its head is not the official tied one`;
  throw new Failure('BadFile', `${fileName}: ${cause}; it cannot be imported.`);
}

/** What the config.json in the same folder says. */
async function hintsOf(
  { files }: Opened,
  prefix: string,
  shapes: ReadonlyMap<string, readonly number[]>,
): Promise<ConfigHints> {
  // `transformer/pytorch_model.bin/` lies in `transformer/`.
  const folder = prefix.slice(0, prefix.slice(0, -1).lastIndexOf('/') + 1);
  const config = files.get(`${folder}config.json`);
  const [vocabulary = 0, width = 0] = shapes.get('Embed_0/word_embeddings/embedding') ?? [];
  const [positions = 0] = shapes.get('Embed_0/position_embeddings/embedding') ?? [];
  const mlp = shapes.get('TransformerLayer_0/Mlp_0/intermediate_output/bias')?.[0] ?? 0;
  const layers = [...shapes.keys()].filter((name) => name.endsWith('/Mlp_0/intermediate_output/bias')).length;
  return config === undefined ? {} : readConfig(config, { width, layers, mlp, vocabulary, positions });
}

/** The shape of a tensor that must be there with this many sides. @throws Failure BadFile naming file and tensor */
export function shapeOf(checkpoint: Checkpoint, name: string, rank: number): readonly number[] {
  const shape = checkpoint.shapes.get(name);
  if (shape === undefined) throw new Failure('BadFile', `${checkpoint.fileName}: tensor ${name} is missing.`);
  if (shape.length === rank && shape.every((side) => side > 0)) return shape;
  throw new Failure('BadFile', `${checkpoint.fileName}: tensor ${name} has shape [${shape}] instead of ${rank} sides.`);
}
