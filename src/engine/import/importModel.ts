import type { ModelConfig } from '../../core/config.ts';
import { Failure } from '../../core/failure.ts';
import type { ModelClass, ModelManifest, Shard } from '../../core/manifest.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import { elementCount } from '../../formats/dtypes.ts';
import { encodeUtf8 } from '../../formats/utf8.ts';
import { writeSafetensors, type TensorOut } from '../../formats/writeSafetensors.ts';
import { IMAGENET_CLASSES, imagenetClasses } from './imagenetClasses.ts';
import type { NetworkOptions } from './infer.ts';
import { openNetworks, type NetworkFiles, type WeightPlace } from './networks.ts';
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

/** A tensor that was read and is ready to be written. */
export interface TensorDone {
  readonly done: number;
  readonly total: number;
  /** Values in the tensors up to here, and in all. */
  readonly doneValues: number;
  readonly totalValues: number;
  /** What of it is in memory: its values, and its bytes as they are stored. */
  readonly held: readonly ArrayBufferView[];
}

export type OnTensor = (tensor: TensorDone) => void;

/**
 * Turn official checkpoints into a model folder: shards, then `model.json` as the last file, so that a folder with a
 * model.json is whole. One shard is in memory at a time.
 * @param write receives each file of the folder
 * @throws Failure BadFile naming file, tensor and shapes; BadRequest naming the option
 */
export async function importModel(
  files: NetworkFiles,
  options: ImportOptions,
  write: (fileName: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>,
  onTensor: OnTensor = () => {},
): Promise<ModelManifest> {
  const { config, places } = await openNetworks(files, options);
  const isImagenet = config.transformer?.classes === IMAGENET_CLASSES;
  const draft = manifestOf(config, {
    ...options,
    classes: options.classes ?? (isImagenet ? await imagenetClasses() : []),
  });
  const shards = await writeShards(places(), options.dtype, write, onTensor);
  const manifest = parseManifest({ ...draft, shards }, 'model.json');
  await write('model.json', modelJson(manifest));
  return manifest;
}

/** The bytes of a model.json. */
export function modelJson(manifest: ModelManifest): Uint8Array<ArrayBuffer> {
  return encodeUtf8(`${JSON.stringify(manifest, null, 2)}\n`);
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
  for (const [i, { name, shape, read }] of sources.entries()) {
    const values = await read();
    const stored = storedAs(dtype, name, shape, values);
    // 300 bytes a tensor are more than its entry in the header takes.
    const storedBytes = stored.reduce((sum, { bytes }) => sum + bytes.byteLength + 300, 256);
    if (sizeBytes + storedBytes > shardLimitBytes) await close();
    tensors.push(...stored);
    sizeBytes += storedBytes;
    doneValues += values.length;
    const held = [values, ...stored.map(({ bytes }) => bytes)];
    onTensor({ done: i + 1, total: sources.length, doneValues, totalValues, held });
  }
  await close();
  return shards;
}

/** The platform's hash, many times faster than ours, which is for bytes that come in pieces. */
async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
