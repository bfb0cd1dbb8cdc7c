import type { Stop } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import type { Shard } from '../core/manifest.ts';
import type { RangedFile } from '../formats/ranged.ts';
import { Sha256 } from './sha256.ts';

/** Where a model's files come from: a server and the browser's storage, or a folder. */
export interface ModelSource {
  /** What errors call it: a URL or a path. */
  readonly name: string;
  /** The parsed model.json, unchecked. Failures: Download, BadFile. */
  manifest(stop: Stop): Promise<unknown>;
  /**
   * A shard whose size and sha256 are the manifest's. Failures: Download, BadFile; a stop rejects with AbortError.
   */
  open(shard: Shard, watch: ShardWatch): Promise<ShardFile>;
  /** Called once all of `shards` are open: older versions of them can go. */
  keepOnly?(shards: readonly Shard[]): Promise<void>;
}

/** A verified shard. */
export interface ShardFile extends RangedFile {
  /** Why the shard will have to come again next time, where it will. */
  readonly notKept?: 'full' | 'closed';
  /** Let go of what reading it takes. */
  close(): Promise<void>;
}

/** Who looks on while a shard is opened. */
export interface ShardWatch {
  readonly stop: Stop;
  /** Bytes of this shard that have come so far, and whether from the storage. */
  onBytes(doneBytes: number, fromCache: boolean): void;
  /** Every byte is there and the hash is being taken. */
  onVerify(): void;
}

const SLAB_BYTES = 2 ** 20;

/**
 * Whether the file is the shard, by size and hash; undefined when it is, else a sentence with both numbers.
 * Reads a slab at a time.
 */
export async function mismatchOf(file: RangedFile, shard: Shard, stop: Stop): Promise<string | undefined> {
  if (file.sizeBytes !== shard.sizeBytes) return sizeMismatch(file.name, file.sizeBytes, shard);
  const hash = new Sha256();
  for (let at = 0; at < file.sizeBytes; at += SLAB_BYTES) {
    stop.throwIfAborted();
    hash.update(await file.read(at, Math.min(SLAB_BYTES, file.sizeBytes - at)));
  }
  return hashMismatch(file.name, hash.hex(), shard);
}

export function sizeMismatch(name: string, sizeBytes: number, shard: Shard): string | undefined {
  if (sizeBytes === shard.sizeBytes) return undefined;
  return `${name} has ${sizeBytes} bytes where model.json says ${shard.sizeBytes}, it may be truncated`;
}

export function hashMismatch(name: string, sha256: string, shard: Shard): string | undefined {
  if (sha256 === shard.sha256) return undefined;
  return `${name} has the sha256 ${sha256.slice(0, 16)}… where model.json says ${shard.sha256.slice(0, 16)}…`;
}

export function refuseShard(mismatch: string): never {
  throw new Failure('BadFile', `${mismatch}; get the model again.`);
}
