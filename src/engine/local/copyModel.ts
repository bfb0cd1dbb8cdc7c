import { Failure } from '../../core/failure.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import type { RangedFile } from '../../formats/ranged.ts';
import { encodeUtf8 } from '../../formats/utf8.ts';
import { Sha256 } from '../sha256.ts';
import type { ShardStore } from '../shardStore.ts';
import { hashMismatch, refuseShard, sizeMismatch } from '../source.ts';

const PIECE_BYTES = 4 * 2 ** 20;
/** Pictures and recordings of a model are small; more is none of them. */
const ASSET_LIMIT_BYTES = 64 * 2 ** 20;

/**
 * Copy a model folder into the storage under another id: shards hashed on the way, then its pictures, model.json last.
 * @throws Failure BadFile naming the file that is missing or not what model.json says
 */
export async function copyModel(
  files: ReadonlyMap<string, RangedFile>,
  manifest: ModelManifest,
  id: string,
  store: ShardStore,
  done: (doneBytes: number, totalBytes: number) => void,
): Promise<ModelManifest> {
  const totalBytes = manifest.shards.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  let doneBytes = 0;
  for (const shard of manifest.shards) {
    const file = files.get(shard.file);
    if (file === undefined)
      throw new Failure('BadFile', `${shard.file} is missing beside model.json; drop the whole folder.`);
    const wrongSize = sizeMismatch(shard.file, file.sizeBytes, shard);
    if (wrongSize !== undefined) refuseShard(wrongSize);
    const hash = new Sha256();
    await copy(file, shard.file, store, (bytes) => {
      hash.update(bytes);
      doneBytes += bytes.length;
      done(doneBytes, totalBytes);
    });
    const wrongHash = hashMismatch(shard.file, hash.hex(), shard);
    if (wrongHash !== undefined) refuseShard(wrongHash);
  }
  const { atlas, classThumbnails, recordings = [] } = manifest.assets;
  for (const name of [atlas, classThumbnails, ...recordings]) {
    const file = name === undefined ? undefined : files.get(name);
    if (file !== undefined && file.sizeBytes <= ASSET_LIMIT_BYTES) await copy(file, name!, store, () => {});
  }
  const own = { ...manifest, id };
  const json = encodeUtf8(`${JSON.stringify(own, null, 2)}\n`);
  const writer = await store.create('model.json');
  writer.write(json);
  writer.close();
  return own;
}

async function copy(
  file: RangedFile,
  name: string,
  store: ShardStore,
  onBytes: (bytes: Uint8Array) => void,
): Promise<void> {
  const writer = await store.create(name);
  try {
    for (let at = 0; at < file.sizeBytes; at += PIECE_BYTES) {
      const bytes = await file.read(at, Math.min(PIECE_BYTES, file.sizeBytes - at));
      onBytes(bytes);
      writer.write(bytes);
    }
  } finally {
    writer.close();
  }
}
