import { openShardStore, type ShardStore } from '../shardStore.ts';
import type { TuningStore } from './tuning.ts';

const FILE = 'products.json';

/** Measurements in the browser's storage; without one, or while another tab writes, they are forgotten. */
export function browserTuning(
  openStore: () => Promise<ShardStore | undefined> = () => openShardStore('products', 'tuning'),
): TuningStore {
  return {
    async read() {
      const file = await (await openStore())?.find(FILE);
      return file && new TextDecoder().decode(await file.read(0, file.sizeBytes));
    },
    async write(text) {
      const writer = await (await openStore())?.create(FILE);
      try {
        writer?.write(new TextEncoder().encode(text));
      } finally {
        writer?.close();
      }
    },
  };
}
