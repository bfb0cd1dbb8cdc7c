import type { ModelConfig } from '../../core/config.ts';
import type { Stop } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import { weightShapes } from '../../core/weightShapes.ts';
import { elementCount } from '../../formats/dtypes.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import type { OpenDevice } from '../../gpu/open.ts';
import type { ImportDtype, ImportOrder, ImportPlan, Offering } from '../../wire/importer.ts';
import { openCheckpoint, type WeightSource } from '../import/checkpoint.ts';
import { inferConfig } from '../import/infer.ts';
import type { ShardStore } from '../shardStore.ts';
import { sha256Hex } from './localSource.ts';
import { addressOf, openOffering, ownModelFiles } from './offering.ts';
import type { packModel } from './packModel.ts';

/** A thousand classes with names take a tenth of it. */
const MANIFEST_LIMIT_BYTES = 2 ** 24;

/** What the importer takes from its host; tests bring their own. */
export interface ImporterHost {
  readonly fetch: typeof fetch;
  /** A folder of the browser's storage by name; undefined where there is no storage. */
  readonly openStore: (folder: string) => Promise<ShardStore | undefined>;
  /** Run alone among all tabs; `onWait` is called when another one is at it. Rejects with AbortError on a stop. */
  readonly alone: <T>(name: string, stop: Stop, onWait: () => void, work: () => Promise<T>) => Promise<T>;
  /** Bytes that the storage still takes; undefined where nobody knows. */
  readonly room: () => Promise<number | undefined>;
  readonly contentOf: Parameters<typeof packModel>[2];
  /** A device of its own, to compare on. Failures: NoWebGpu, NoAdapter, DeviceRefused. */
  readonly openDevice: () => Promise<OpenDevice>;
}

/** @throws Failure Quota where there is no storage */
export async function storeOf({ openStore }: ImporterHost, folder: string): Promise<ShardStore> {
  const store = await openStore(folder);
  if (store !== undefined) return store;
  const cause = 'This window gives the page no storage, as private windows do, so a model cannot be kept';
  throw new Failure('Quota', `${cause}; open the page in a normal window.`);
}

/** Where what comes from an address is kept until a model is made of it. */
export async function downloadFolder(url: string): Promise<string> {
  return `download-${(await sha256Hex(new TextEncoder().encode(addressOf(url)))).slice(0, 16)}`;
}

/** What opens offerings. `onFetched` is told of bytes that came from an address, `onRead` of everything that was read. */
export function opener(
  { fetch, ...host }: ImporterHost,
  stop: Stop,
  onFetched: (sizeBytes: number) => void = () => {},
  onRead: (bytes: Uint8Array) => void = () => {},
) {
  const openDownload = async (url: string): Promise<ShardStore> =>
    storeOf({ fetch, ...host }, await downloadFolder(url));
  return (offering: Offering): Promise<WeightSource> =>
    openOffering(offering, { fetch, openDownload, stop, onFetched, onRead });
}

/** The model.json among the files of a model, checked. @throws Failure BadFile */
export async function readManifest(files: ReadonlyMap<string, RangedFile>): Promise<ModelManifest> {
  const file = files.get('model.json')!;
  if (file.sizeBytes > MANIFEST_LIMIT_BYTES) {
    throw new Failure('BadFile', `model.json has ${file.sizeBytes} bytes, which is no description of a model.`);
  }
  const text = new TextDecoder().decode(await file.read(0, file.sizeBytes));
  try {
    return parseManifest(JSON.parse(text), 'model.json');
  } catch (cause) {
    if (cause instanceof Failure) throw cause;
    throw new Failure('BadFile', 'model.json is not JSON; get the model again.', { cause });
  }
}

/** The opened offerings of an order. */
export interface Sources {
  readonly model?: WeightSource | undefined;
  readonly tokenizer?: WeightSource | undefined;
  readonly transformer?: WeightSource | undefined;
}

/** Open what an order is made of. @throws Failure BadFile, Download */
export async function openOrder(
  order: ImportOrder,
  open: (offering: Offering) => Promise<WeightSource>,
): Promise<Sources> {
  const opened = async (offering: Offering | undefined) => offering && (await open(offering));
  return {
    model: await opened(order.model),
    tokenizer: await opened(order.tokenizer),
    transformer: await opened(order.transformer),
  };
}

/** `plan` of wire/importer.ts. */
export async function plan(host: ImporterHost, order: ImportOrder, stop: Stop): Promise<ImportPlan> {
  const sources = await openOrder(order, opener(host, stop));
  if (sources.model) {
    const { config, shards } = await readManifest((await ownModelFiles(sources.model))!);
    const sizeBytes = shards.reduce((sum, shard) => sum + shard.sizeBytes, 0);
    return { config, sizeBytes: { f32: sizeBytes, f16: sizeBytes, int8: sizeBytes } };
  }
  const config = await configOf(sources, order);
  return { config, sizeBytes: sizesOf(config) };
}

async function configOf({ tokenizer, transformer }: Sources, { options }: ImportOrder): Promise<ModelConfig> {
  return inferConfig(
    {
      tokenizer: tokenizer && (await openCheckpoint(tokenizer, 'tokenizer')),
      transformer: transformer && (await openCheckpoint(transformer, 'transformer')),
    },
    options,
  );
}

/** Bytes of the weights as `storedAs` (import/quantize.ts) writes them. */
function sizesOf(config: ModelConfig): Record<ImportDtype, number> {
  const sizes = { f32: 0, f16: 0, int8: 0 };
  for (const [name, shape] of weightShapes(config)) {
    const count = elementCount(shape);
    const isVector = shape.length < 2;
    sizes.f32 += 4 * count;
    sizes.f16 += (isVector ? 4 : 2) * count;
    sizes.int8 += isVector ? 4 * count : name.endsWith('/kernel') ? count + 4 * shape.at(-1)! : 2 * count;
  }
  return sizes;
}
