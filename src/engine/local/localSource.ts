import { Failure } from '../../core/failure.ts';
import { localFolder } from '../../core/localModel.ts';
import type { Shard } from '../../core/manifest.ts';
import { openShardStore, type ShardStore } from '../shardStore.ts';
import {
  hashMismatch,
  mismatchOf,
  sizeMismatch,
  type ModelSource,
  type ShardFile,
  type ShardWatch,
} from '../source.ts';

/** Up to here a shard is hashed as a whole by the platform, many times faster than in pieces by us. */
const WHOLE_HASH_BYTES = 64 * 2 ** 20;

/** A model in the browser's storage that was brought in; each shard is compared with its hash before it is used. */
export function localSource(id: string, openStore = openShardStore): ModelSource {
  let opening: Promise<ShardStore | undefined> | undefined;
  const store = async (): Promise<ShardStore> => {
    const opened = await (opening ??= openStore(localFolder(id)));
    return opened ?? refuse(`The model ${id} cannot be reached, this window has no storage`);
  };
  return {
    name: id,
    async manifest() {
      const file = await (await store()).find('model.json');
      if (file === undefined) return refuse(`The model ${id} is no longer on this device`);
      return JSON.parse(new TextDecoder().decode(await file.read(0, file.sizeBytes))) as unknown;
    },
    async open(shard, watch) {
      const file = await (await store()).find(shard.file);
      if (file === undefined) return refuse(`${shard.file} of the model ${id} is no longer on this device`);
      watch.onBytes(shard.sizeBytes, true);
      watch.onVerify();
      const mismatch = await mismatchIn({ ...file, close: async () => {} }, shard, watch);
      return mismatch === undefined ? { ...file, close: async () => {} } : refuse(mismatch);
    },
  };
}

async function mismatchIn(file: ShardFile, shard: Shard, { stop }: ShardWatch): Promise<string | undefined> {
  if (file.sizeBytes > WHOLE_HASH_BYTES) return mismatchOf(file, shard, stop);
  const mismatch = sizeMismatch(file.name, file.sizeBytes, shard);
  return mismatch ?? hashMismatch(file.name, await sha256Hex(await file.read(0, file.sizeBytes)), shard);
}

/** SHA-256 of bytes that are in memory, in lower-case hexadecimal. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function refuse(cause: string): never {
  throw new Failure('BadFile', `${cause}; delete it and bring it in again.`);
}
