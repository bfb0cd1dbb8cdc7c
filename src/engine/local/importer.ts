import type { ModelConfig } from '../../core/config.ts';
import type { Stop } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import { localFolder } from '../../core/localModel.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { cardOf, type ModelCard } from '../../core/modelCard.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import { weightShapes } from '../../core/weightShapes.ts';
import { elementCount } from '../../formats/dtypes.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import type {
  Found,
  Importer,
  ImportDtype,
  ImportOrder,
  ImportPlan,
  ImportProgress,
  Offering,
} from '../../wire/importer.ts';
import { openCheckpoint, type WeightSource } from '../import/checkpoint.ts';
import { importModel } from '../import/importModel.ts';
import { inferConfig } from '../import/infer.ts';
import type { ShardStore } from '../shardStore.ts';
import { copyModel } from './copyModel.ts';
import { identify } from './identify.ts';
import { sha256Hex } from './localSource.ts';
import { addressOf, networksOf, openOffering, ownModelFiles, sizeOfSource } from './offering.ts';
import { packModel } from './packModel.ts';
import { fileNameOf } from './remoteFile.ts';

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
}

/** The importer of wire/importer.ts over the browser's storage. */
export function createImporter(host: ImporterHost): Importer {
  return {
    recognise: (offering, stop) => recognise(host, offering, stop),
    plan: (order, stop) => plan(host, order, stop),
    convert: (order, onProgress, stop) => convert(host, order, onProgress, stop),
    pack: async (id) => packModel(id, await storeOf(host, localFolder(id)), host.contentOf),
    forget: async (url) => (await host.openStore(await downloadFolder(url)))?.keepOnly([]),
  };
}

async function storeOf({ openStore }: ImporterHost, folder: string): Promise<ShardStore> {
  const store = await openStore(folder);
  if (store !== undefined) return store;
  const cause = 'This window gives the page no storage, as private windows do, so a model cannot be kept';
  throw new Failure('Quota', `${cause}; open the page in a normal window.`);
}

async function downloadFolder(url: string): Promise<string> {
  return `download-${(await sha256Hex(new TextEncoder().encode(addressOf(url)))).slice(0, 16)}`;
}

function opener(host: ImporterHost, stop: Stop, onFetched: (sizeBytes: number) => void = () => {}) {
  const openDownload = async (url: string): Promise<ShardStore> => storeOf(host, await downloadFolder(url));
  return (offering: Offering): Promise<WeightSource> =>
    openOffering(offering, { fetch: host.fetch, openDownload, stop, onFetched });
}

async function recognise(host: ImporterHost, offering: Offering, stop: Stop): Promise<Found> {
  const source = await opener(host, stop)(offering);
  const common = { name: nameOf(offering), sizeBytes: sizeOfSource(source) };
  const own = await ownModelFiles(source);
  if (own === undefined) return { ...common, networks: await networksOf(source) };
  return { ...common, networks: [], model: cardOf(await readManifest(own)) };
}

function nameOf(offering: Offering): string {
  return offering.kind === 'address' ? fileNameOf(addressOf(offering.url)) : offering.name;
}

async function readManifest(files: ReadonlyMap<string, RangedFile>): Promise<ModelManifest> {
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
interface Sources {
  readonly model?: WeightSource | undefined;
  readonly tokenizer?: WeightSource | undefined;
  readonly transformer?: WeightSource | undefined;
}

async function openOrder(order: ImportOrder, open: (offering: Offering) => Promise<WeightSource>): Promise<Sources> {
  const opened = async (offering: Offering | undefined) => offering && (await open(offering));
  return {
    model: await opened(order.model),
    tokenizer: await opened(order.tokenizer),
    transformer: await opened(order.transformer),
  };
}

async function plan(host: ImporterHost, order: ImportOrder, stop: Stop): Promise<ImportPlan> {
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

async function convert(
  host: ImporterHost,
  order: ImportOrder,
  onProgress: (progress: ImportProgress) => void,
  stop: Stop,
): Promise<ModelCard> {
  const progress = { stage: 'converting' as const, doneBytes: 0, totalBytes: 0, fetchedBytes: 0 };
  const sources = await openOrder(
    order,
    opener(host, stop, (sizeBytes) => {
      progress.fetchedBytes += sizeBytes;
      onProgress({ ...progress });
    }),
  );
  const id = await identify(sources, order);
  const waiting = (): void => onProgress({ ...progress, stage: 'waiting' });
  return host.alone(`unmask import ${id}`, stop, waiting, async () => {
    const store = await storeOf(host, localFolder(id));
    const there = await wholeModel(store).catch(() => undefined); // damaged: made anew
    if (there) return cardOf(there);
    await store.keepOnly([]);
    await checkRoom(host, await plan(host, order, stop), order.dtype);
    const done = (doneBytes: number, totalBytes: number): void => {
      stop.throwIfAborted();
      Object.assign(progress, { doneBytes, totalBytes });
      onProgress({ ...progress });
    };
    try {
      const manifest = await write(order, sources, id, store, done);
      await forgetDownloads(host, order);
      return cardOf(manifest);
    } catch (error) {
      await store.keepOnly([]);
      throw error;
    }
  });
}

async function write(
  { dtype, options, label = {} }: ImportOrder,
  { model, tokenizer, transformer }: Sources,
  id: string,
  store: ShardStore,
  done: (doneBytes: number, totalBytes: number) => void,
): Promise<ModelManifest> {
  const keep = async (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => keepFile(store, name, bytes);
  if (model) {
    const files = (await ownModelFiles(model))!;
    return copyModel(files, await readManifest(files), id, store, done);
  }
  // f32 is what most files hold; the number is for a person who waits.
  const onTensor = (_: number, __: number, values: number, totalValues: number): void =>
    done(4 * values, 4 * totalValues);
  return importModel({ tokenizer, transformer }, { id, dtype, label, ...options }, keep, onTensor);
}

/** The model in a store, when all of it is there. */
async function wholeModel(store: ShardStore): Promise<ModelManifest | undefined> {
  const json = await store.find('model.json');
  if (json === undefined) return undefined;
  const manifest = await readManifest(new Map([['model.json', json]]));
  for (const { file, sizeBytes } of manifest.shards) {
    if ((await store.find(file))?.sizeBytes !== sizeBytes) return undefined;
  }
  return manifest;
}

async function checkRoom(host: ImporterHost, { sizeBytes }: ImportPlan, dtype: ImportDtype): Promise<void> {
  const room = await host.room();
  const wanted = sizeBytes[dtype];
  if (room === undefined || wanted <= room) return;
  const mb = (bytes: number): string => `${Math.round(bytes / 1e6)} MB`;
  const cause = `The model needs ${mb(wanted)} and the browser lets this page keep ${mb(room)} more`;
  throw new Failure('Quota', `${cause}; delete another model, free space on the disk, or choose smaller weights.`);
}

/** Write a file of the model. @throws Failure Quota when the storage is full */
async function keepFile(store: ShardStore, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writer = await store.create(name);
  try {
    writer.write(bytes);
  } catch (cause) {
    const sentence = 'The browser’s storage is full; delete another model or free space on the disk, then try again.';
    throw new Failure('Quota', sentence, { cause });
  } finally {
    writer.close();
  }
}

async function forgetDownloads(host: ImporterHost, { model, tokenizer, transformer }: ImportOrder): Promise<void> {
  for (const offering of [model, tokenizer, transformer]) {
    if (offering?.kind !== 'address') continue;
    await (await host.openStore(await downloadFolder(offering.url)))?.keepOnly([]);
  }
}
