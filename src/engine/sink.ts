import type { Shard } from '../core/manifest.ts';
import { memoryFile, type RangedFile } from '../formats/ranged.ts';
import type { ShardStore, ShardWriter } from './shardStore.ts';
import type { ShardFile } from './source.ts';

/** Where the bytes of a download go: the storage while it takes them, else memory. */
export interface Sink {
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** The shard, for reading. */
  finish(): Promise<ShardFile>;
  /** Leave nothing behind. */
  discard(): Promise<void>;
}

/** A sink for one shard. Another tab's handle can still hold the file: then memory serves as well. */
export async function openSink(store: ShardStore | undefined, shard: Shard): Promise<Sink> {
  const writer = await store?.create(shard.sha256).catch(() => undefined);
  return writer === undefined ? memorySink(shard, 'closed') : storedSink(store!, writer, shard);
}

function storedSink(store: ShardStore, writer: ShardWriter, shard: Shard): Sink {
  let overflow: Sink | undefined;
  /** The storage is full: take back what it holds and go on in memory. */
  const leave = (): Sink => {
    const sink = memorySink(shard, 'full');
    sink.write(writer.written());
    writer.close();
    void store.remove(shard.sha256);
    return sink;
  };
  return {
    write(bytes) {
      try {
        if (overflow === undefined) return writer.write(bytes);
      } catch {
        overflow = leave();
      }
      overflow.write(bytes);
    },
    async finish() {
      if (overflow !== undefined) return overflow.finish();
      writer.close();
      const file = (await store.find(shard.sha256))!; // written and closed a line above, under the lock
      return { ...nameShard(file, shard), close: async () => {} };
    },
    async discard() {
      if (overflow !== undefined) return;
      writer.close();
      await store.remove(shard.sha256);
    },
  };
}

function memorySink(shard: Shard, notKept: 'full' | 'closed'): Sink {
  const whole = new Uint8Array(shard.sizeBytes);
  let end = 0;
  return {
    write(bytes) {
      const fitting = bytes.subarray(0, whole.length - end); // the caller refuses a longer shard by its size
      whole.set(fitting, end);
      end += fitting.length;
    },
    finish: async () => ({ ...memoryFile(shard.file, whole), notKept, close: async () => {} }),
    discard: async () => {},
  };
}

/** The storage knows a shard by its hash; errors call it by its file name. */
export function nameShard(file: RangedFile, { file: name }: Shard): RangedFile {
  return { name, sizeBytes: file.sizeBytes, read: (offset, length) => file.read(offset, length) };
}
