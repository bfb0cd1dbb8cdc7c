import type { Stop } from '../../core/engine.ts';
import { Failure } from '../../core/failure.ts';
import { localFolder } from '../../core/localModel.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { cardOf } from '../../core/modelCard.ts';
import type { Imported, ImportDtype, ImportOrder, ImportPlan, ImportProgress } from '../../wire/importer.ts';
import { importModel } from '../import/importModel.ts';
import type { ShardStore } from '../shardStore.ts';
import { copyModel } from './copyModel.ts';
import { HeldBytes } from './heldBytes.ts';
import { identify } from './identify.ts';
import { openOrder, opener, plan, readManifest, storeOf, type ImporterHost, type Sources } from './order.ts';
import { ownModelFiles } from './offering.ts';
import type { RemoteFile } from './remoteFile.ts';

/** Where a conversion stands, and who is told. */
class Progress {
  readonly held = new HeldBytes();
  readonly #tell: (progress: ImportProgress) => void;
  readonly #stop: Stop;
  #stage: ImportProgress['stage'] = 'converting';
  #doneBytes = 0;
  #totalBytes = 0;
  #fetchedBytes = 0;

  constructor(tell: (progress: ImportProgress) => void, stop: Stop) {
    this.#tell = tell;
    this.#stop = stop;
  }

  get readBytes(): number {
    return this.#totalBytes;
  }

  readonly fetched = (sizeBytes: number): void => {
    this.#fetchedBytes += sizeBytes;
    this.#say();
  };

  readonly wait = (): void => this.#say('waiting');

  /** @throws AbortError when somebody wants a stop */
  readonly done = (doneBytes: number, totalBytes: number): void => {
    this.#stop.throwIfAborted();
    [this.#doneBytes, this.#totalBytes] = [doneBytes, totalBytes];
    this.#say();
  };

  verifying(): void {
    this.#stage = 'verifying';
    this.#say();
  }

  #say(stage = this.#stage): void {
    this.#tell({
      stage,
      doneBytes: this.#doneBytes,
      totalBytes: this.#totalBytes,
      fetchedBytes: this.#fetchedBytes,
      peakBytes: this.held.peakBytes,
    });
  }
}

/** `convert` of wire/importer.ts. */
export async function convert(
  host: ImporterHost,
  order: ImportOrder,
  onProgress: (progress: ImportProgress) => void,
  stop: Stop,
): Promise<Imported> {
  const progress = new Progress(onProgress, stop);
  const sources = await openOrder(
    order,
    opener(host, stop, progress.fetched, (bytes) => void progress.held.note(bytes)),
  );
  const id = await identify(sources, order);
  return host.alone(`unmask import ${id}`, stop, progress.wait, async () => {
    const store = await storeOf(host, localFolder(id));
    const there = await wholeModel(store).catch(() => undefined); // damaged: made anew
    if (there) return { card: cardOf(there), isNew: false, readBytes: 0, peakBytes: 0, verified: [] };
    await store.keepOnly([]);
    await checkRoom(host, await plan(host, order, stop), order.dtype);
    try {
      const manifest = await write(order, sources, id, store, progress);
      const { readBytes } = progress;
      const verified = await verifiedOf(sources, progress);
      return { card: cardOf(manifest), isNew: true, readBytes, peakBytes: progress.held.peakBytes, verified };
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
  { held, done }: Progress,
): Promise<ModelManifest> {
  if (model) {
    const files = (await ownModelFiles(model))!;
    return copyModel(files, await readManifest(files), id, store, done);
  }
  const keep = (name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> => keepFile(store, name, held.note(bytes));
  return importModel({ tokenizer, transformer }, { id, dtype, label, ...options }, keep, (tensor) => {
    for (const view of tensor.held) held.note(view);
    // f32 is what most files hold; the number is for a person who waits.
    done(4 * tensor.doneValues, 4 * tensor.totalValues);
  });
}

/** Names of the sources that are what their sites publish. @throws Failure Download where one is something else */
async function verifiedOf(sources: Sources, progress: Progress): Promise<readonly string[]> {
  const remote = [...new Set(Object.values(sources))].filter((each): each is RemoteFile => !!each && 'verify' in each);
  if (remote.length > 0) progress.verifying();
  const verified: string[] = [];
  for (const file of remote) {
    if (await file.verify((doneBytes) => progress.done(doneBytes, file.sizeBytes))) verified.push(file.name);
  }
  return verified;
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
