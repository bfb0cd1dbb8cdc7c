import type { Stop } from '../../core/engine.ts';
import { openDevice } from '../../gpu/open.ts';
import { serveImporter } from '../../wire/importer.ts';
import { browserGpu } from '../browserGpu.ts';
import { openShardStore } from '../shardStore.ts';
import { createImporter } from './importer.ts';

declare const self: DedicatedWorkerGlobalScope;

/** One tab at a time under this name; the others are told that they wait. */
async function alone<T>(name: string, stop: Stop, onWait: () => void, work: () => Promise<T>): Promise<T> {
  const { locks } = self.navigator;
  const signal = stop as AbortSignal;
  const NOT_FREE = Symbol('not free');
  const first = await locks.request(name, { ifAvailable: true }, (lock) => (lock ? work() : NOT_FREE));
  if (first !== NOT_FREE) return first as T;
  onWait();
  return (await locks.request(name, { signal }, work)) as T;
}

async function room(): Promise<number | undefined> {
  const { quota, usage } = await self.navigator.storage.estimate();
  return quota === undefined ? undefined : quota - (usage ?? 0);
}

serveImporter(
  createImporter({
    fetch: (...args) => fetch(...args),
    openStore: openShardStore,
    alone,
    room,
    openDevice: async () => openDevice(browserGpu(self)),
    contentOf: async (file) => ('blob' in file ? (file.blob as Blob) : file.read(0, file.sizeBytes)),
  }),
  self,
);
