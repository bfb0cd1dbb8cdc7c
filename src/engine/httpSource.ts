import type { Stop } from '../core/engine.ts';
import { Failure, isAbort } from '../core/failure.ts';
import type { Shard } from '../core/manifest.ts';
import { Sha256 } from './sha256.ts';
import { openShardStore, type ShardStore } from './shardStore.ts';
import { nameShard, openSink } from './sink.ts';
import {
  hashMismatch,
  mismatchOf,
  refuseShard,
  sizeMismatch,
  type ModelSource,
  type ShardFile,
  type ShardWatch,
} from './source.ts';

/** What the source takes from its surroundings; tests bring their own. */
export interface HttpSurroundings {
  readonly fetch: typeof fetch;
  readonly openStore: (model: string) => Promise<ShardStore | undefined>;
}

const browser: HttpSurroundings = { fetch: (...args) => fetch(...args), openStore: openShardStore };

/**
 * A model behind the URL of its model.json. Shards are streamed into the browser's storage under their hash, hashed on
 * the way, and read from there; a stored copy that fails its hash is fetched again once. Where the storage is full or
 * closed the shard stays in memory.
 */
export function httpSource(manifestUrl: string, surroundings: HttpSurroundings = browser): ModelSource {
  const folder = new URL('.', manifestUrl);
  let store: Promise<ShardStore | undefined> | undefined;
  const openStore = (): Promise<ShardStore | undefined> =>
    (store ??= surroundings.openStore(folder.pathname.replaceAll(/[^A-Za-z0-9]+/g, '-') + 'model'));
  return {
    name: manifestUrl,
    manifest: (stop) => fetchManifest(manifestUrl, surroundings, stop),
    async open(shard, watch) {
      const url = new URL(shard.file, folder).href;
      const fetcher = { url, shard, watch, store: await openStore(), fetch: surroundings.fetch };
      return exclusively(shard, () => openShard(fetcher));
    },
    async keepOnly(shards) {
      await (await openStore())?.keepOnly(shards.map(({ sha256 }) => sha256));
    },
  };
}

interface Fetcher {
  readonly url: string;
  readonly shard: Shard;
  readonly watch: ShardWatch;
  readonly store: ShardStore | undefined;
  readonly fetch: typeof fetch;
}

/** Two tabs do not fetch one shard at the same time: the second finds it stored. */
function exclusively<T>({ sha256 }: Shard, work: () => Promise<T>): Promise<T> {
  const locks = (globalThis.navigator as WorkerNavigator | undefined)?.locks;
  return locks === undefined ? work() : (locks.request(`unmask ${sha256}`, work) as Promise<T>);
}

async function openShard(fetcher: Fetcher): Promise<ShardFile> {
  return (await findStored(fetcher)) ?? download(fetcher);
}

/** The stored copy, when it is there and whole; a spoilt one is removed. */
async function findStored({ shard, watch, store }: Fetcher): Promise<ShardFile | undefined> {
  const file = await store?.find(shard.sha256);
  if (file === undefined) return undefined;
  watch.onVerify();
  if ((await mismatchOf(file, shard, watch.stop)) !== undefined) {
    await store!.remove(shard.sha256);
    return undefined;
  }
  watch.onBytes(shard.sizeBytes, true);
  return { ...nameShard(file, shard), close: async () => {} };
}

async function download(fetcher: Fetcher): Promise<ShardFile> {
  const { shard, watch, store, url } = fetcher;
  const sink = await openSink(store, shard);
  const hash = new Sha256();
  let doneBytes = 0;
  try {
    for await (const bytes of bodyOf(fetcher)) {
      watch.stop.throwIfAborted();
      hash.update(bytes);
      sink.write(bytes);
      doneBytes += bytes.byteLength;
      if (doneBytes > shard.sizeBytes) break;
      watch.onBytes(doneBytes, false);
    }
    const mismatch = sizeMismatch(url, doneBytes, shard) ?? hashMismatch(url, hash.hex(), shard);
    if (mismatch !== undefined) refuseShard(mismatch);
  } catch (error) {
    await sink.discard();
    throw error;
  }
  return sink.finish();
}

async function* bodyOf({ url, watch, fetch }: Fetcher): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const response = await request(fetch, url, watch.stop, 'no-store');
  if (response.body === null) throw new Failure('Download', `${url} came without a body; try again.`);
  const reader = response.body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } catch (cause) {
    if (isAbort(cause) || cause instanceof Failure) throw cause;
    throw new Failure('Download', `${url} broke off: ${String(cause)}; check the network and try again.`, { cause });
  } finally {
    await reader.cancel().catch(() => {});
  }
}

async function fetchManifest(url: string, { fetch }: HttpSurroundings, stop: Stop): Promise<unknown> {
  const response = await request(fetch, url, stop, 'no-cache');
  const text = await response.text();
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new Failure('Download', `${url} is not JSON: ${String(cause)}; check the address of the model.`, { cause });
  }
}

async function request(get: typeof fetch, url: string, stop: Stop, cache: RequestCache): Promise<Response> {
  const signal = stop instanceof AbortSignal ? stop : null;
  const response = await get(url, { signal, cache }).catch((cause: unknown) => {
    if (isAbort(cause)) throw cause;
    throw new Failure('Download', `${url} did not come: ${String(cause)}; check the network and try again.`, { cause });
  });
  if (!response.ok) {
    throw new Failure('Download', `${url} did not come: the server answered ${response.status}; try again later.`);
  }
  return response;
}
