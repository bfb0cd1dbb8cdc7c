import type { ModelConfig } from '../../core/config.ts';
import { Failure } from '../../core/failure.ts';
import type { ModelClass, ModelManifest, Shard } from '../../core/manifest.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import { weightShapes } from '../../core/weightShapes.ts';
import { elementCount } from '../../formats/dtypes.ts';
import { encodeUtf8 } from '../../formats/utf8.ts';
import { writeSafetensors, type TensorOut } from '../../formats/writeSafetensors.ts';
import { openCheckpoint, type Checkpoint, type WeightSource } from './checkpoint.ts';
import { IMAGENET_CLASSES, imagenetClasses } from './imagenetClasses.ts';
import { inferConfig, type NetworkOptions } from './infer.ts';
import { publishedSampler } from './publishedSamplers.ts';
import { storedAs, type WeightDtype } from './quantize.ts';

export interface ImportOptions extends NetworkOptions {
  readonly id: string;
  readonly dtype: WeightDtype;
  /** Names of the classes; absent, a thousand are ImageNet's, and others have indices only. */
  readonly classes?: readonly ModelClass[];
  /** What is known of where the checkpoints came from. */
  readonly label?: Partial<Pick<ModelManifest, 'name' | 'summary' | 'licence' | 'quality'>>;
}

/** A shard is closed before it grows beyond this; a tensor that is larger has a shard of its own. */
const shardLimitBytes = 32 * 2 ** 20;

/** Told after every tensor: how many there are, and the values in them. */
export type OnTensor = (done: number, total: number, doneValues: number, totalValues: number) => void;

/**
 * Turn official checkpoints into a model folder: shards, then `model.json` as the last file, so that a folder with a
 * model.json is whole. One shard is in memory at a time.
 * @param write receives each file of the folder
 * @throws Failure BadFile naming file, tensor and shapes; BadRequest naming the option
 */
export async function importModel(
  files: { readonly tokenizer?: WeightSource | undefined; readonly transformer?: WeightSource | undefined },
  options: ImportOptions,
  write: (fileName: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
  onTensor: OnTensor = () => {},
): Promise<ModelManifest> {
  if (!files.tokenizer && !files.transformer) {
    throw new Failure('BadRequest', 'There is nothing to import, give --tokenizer, --transformer or both.');
  }
  const tokenizer = files.tokenizer && (await openCheckpoint(files.tokenizer, 'tokenizer'));
  const transformer = files.transformer && (await openCheckpoint(files.transformer, 'transformer'));
  const config = inferConfig({ tokenizer, transformer }, options);
  const isImagenet = config.transformer?.classes === IMAGENET_CLASSES;
  const draft = manifestOf(config, {
    ...options,
    classes: options.classes ?? (isImagenet ? await imagenetClasses() : []),
  });
  const shards = await writeShards(sourcesOf(config, { tokenizer, transformer }), options.dtype, write, onTensor);
  const manifest = parseManifest({ ...draft, shards }, 'model.json');
  await write('model.json', encodeUtf8(`${JSON.stringify(manifest, null, 2)}\n`));
  return manifest;
}

function manifestOf(
  config: ModelConfig,
  { id, classes = [], label = {} }: ImportOptions,
): Omit<ModelManifest, 'shards'> {
  const wanted = config.transformer?.classes ?? 0;
  if (classes.length > 0 && classes.length !== wanted) {
    throw new Failure('BadRequest', `The file of --classes names ${classes.length} classes, the model has ${wanted}.`);
  }
  const draft = {
    format: 'unmask-model',
    version: 1,
    id,
    name: id,
    summary: 'Imported from official checkpoints.',
    licence: { name: 'unknown', attribution: 'See where the checkpoints came from.' },
    config,
    classes,
    ...publishedSampler(config),
    quality: {},
    assets: {},
    ...label,
  } as const;
  // Sizes that we cannot run are refused before anything is written.
  parseManifest({ ...draft, shards: [{ file: 'none', sizeBytes: 8, sha256: '0'.repeat(64) }] }, 'The imported model');
  return draft;
}

interface WeightPlace {
  readonly name: string;
  /** As we store it; the file may keep the heads apart. */
  readonly shape: readonly number[];
  readonly checkpoint: Checkpoint;
}

/** Where each weight of the configuration lies. Missing, extra and misshapen tensors are refused by name. */
function sourcesOf(
  config: ModelConfig,
  parts: { readonly tokenizer?: Checkpoint | undefined; readonly transformer?: Checkpoint | undefined },
): readonly WeightPlace[] {
  const { tokenizer, transformer, ...common } = config;
  const sources: WeightPlace[] = [];
  for (const [checkpoint, wanted] of [
    [parts.transformer, transformer && { ...common, transformer }],
    [parts.tokenizer, tokenizer && { ...common, tokenizer }],
  ] as const) {
    if (checkpoint === undefined || wanted === undefined) continue;
    const shapes = weightShapes(wanted);
    for (const [name, shape] of checkpoint.shapes) {
      if (!shapes.has(name)) refuse(checkpoint, `tensor ${name} [${shape}] has no place in the official network`);
    }
    for (const [name, shape] of shapes) {
      checkShape(checkpoint, name, shape, transformer?.heads);
      sources.push({ name, shape, checkpoint });
    }
  }
  return sources;
}

function checkShape(checkpoint: Checkpoint, name: string, shape: readonly number[], heads: number | undefined): void {
  const found = checkpoint.shapes.get(name);
  if (found === undefined) return refuse(checkpoint, `tensor ${name} [${shape}] is missing`);
  const allowed = heads === undefined ? [shape] : [shape, apart(name, shape, heads)];
  if (allowed.some((each) => String(each) === String(found))) return;
  refuse(checkpoint, `tensor ${name} has shape [${found}], the configuration wants [${allowed.at(-1)!}]`);
}

/** The shape as Flax keeps it: [width, heads, headWidth] on the way in, [heads, headWidth, width] on the way out. */
function apart(name: string, shape: readonly number[], heads: number): readonly number[] {
  const part = /self_attention\/(\w+)\/(\w+)$/.exec(name);
  if (part === null) return shape;
  const width = shape.at(-1)!;
  const split = [heads, width / heads];
  if (part[1] === 'out') return part[2] === 'kernel' ? [...split, width] : shape;
  return part[2] === 'kernel' ? [width, ...split] : split;
}

async function writeShards(
  sources: readonly WeightPlace[],
  dtype: WeightDtype,
  write: (fileName: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
  onTensor: OnTensor,
): Promise<readonly Shard[]> {
  const shards: Shard[] = [];
  let tensors: TensorOut[] = [];
  let sizeBytes = 0;
  const close = async (): Promise<void> => {
    if (tensors.length === 0) return;
    const file = `weights-${String(shards.length).padStart(2, '0')}.safetensors`;
    const bytes = writeSafetensors(tensors);
    shards.push({ file, sizeBytes: bytes.byteLength, sha256: await sha256Hex(bytes) });
    await write(file, bytes);
    [tensors, sizeBytes] = [[], 0];
  };
  const totalValues = sources.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  let doneValues = 0;
  for (const [i, { name, shape, checkpoint }] of sources.entries()) {
    const values = await checkpoint.read(name);
    if (values.length !== elementCount(shape)) refuse(checkpoint, `tensor ${name} holds ${values.length} values`);
    const stored = storedAs(dtype, name, shape, values);
    // 300 bytes a tensor are more than its entry in the header takes.
    const storedBytes = stored.reduce((sum, { bytes }) => sum + bytes.byteLength + 300, 256);
    if (sizeBytes + storedBytes > shardLimitBytes) await close();
    tensors.push(...stored);
    sizeBytes += storedBytes;
    doneValues += values.length;
    onTensor(i + 1, sources.length, doneValues, totalValues);
  }
  await close();
  return shards;
}

/** The platform's hash, many times faster than ours, which is for bytes that come in pieces. */
async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function refuse({ fileName }: Checkpoint, cause: string): never {
  throw new Failure('BadFile', `${fileName}: ${cause}.`);
}
