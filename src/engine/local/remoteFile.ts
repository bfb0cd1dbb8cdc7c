import { Failure, isAbort } from '../../core/failure.ts';
import { checkRange, type RangedFile } from '../../formats/ranged.ts';
import { Sha256 } from '../sha256.ts';
import type { ShardStore } from '../shardStore.ts';
import { publishedSha256 } from './publishedHash.ts';
import { bodyOf, Cut, fileNameOf, piecesOf, refuse, request, type Network } from './remoteRequest.ts';

/** What comes in one request and is kept as one file: small enough to lose, large enough not to wait for each. */
export const BLOCK_BYTES = 8 * 2 ** 20;
const META = 'meta.json';

/** After a cut, a block is asked for again so many milliseconds later, and then no more. */
const RETRY_AFTER_MS = [1000, 4000];

/** What reading a file of the network takes. */
export interface RemoteSurroundings extends Network {
  /** Where blocks are kept. */
  readonly store: ShardStore;
  /** Told of every block that came, now or earlier. */
  readonly onFetched: (sizeBytes: number) => void;
  /** In place of RETRY_AFTER_MS. */
  readonly retryAfterMs?: readonly number[];
}

/** A file behind an address. */
export interface RemoteFile extends RangedFile {
  /**
   * Compare the file with the SHA-256 that is published beside it. False when none is, or when parts that nobody read
   * are not here; `done` is told of the bytes that were hashed.
   * @throws Failure Download when it is another file; what came of it is removed
   */
  verify(done: (doneBytes: number) => void): Promise<boolean>;
}

/** What must be the same for kept blocks to be used. */
interface Meta {
  readonly url: string;
  readonly sizeBytes: number;
  readonly etag: string;
}

/**
 * A file behind an address, read in blocks by HTTP Range. Each block is kept: a download that was paused or that broke
 * off goes on where it was, also after a reload, and what nobody reads (optimizer states) is never fetched. A server
 * that ignores Range sends the whole file once.
 * @throws Failure Download
 */
export async function openRemoteFile(url: string, surroundings: RemoteSurroundings): Promise<RemoteFile> {
  const { store, stop } = surroundings;
  const meta = await metaOf(url, surroundings);
  if (!(await isSame(store, meta))) {
    await store.keepOnly([]);
    await keep(store, META, new TextEncoder().encode(JSON.stringify(meta)));
  }
  const blocks = new Blocks(meta, surroundings);
  const file = { name: fileNameOf(url), sizeBytes: meta.sizeBytes };
  return {
    ...file,
    async read(offset, length) {
      checkRange(file, offset, length);
      const bytes = new Uint8Array(length);
      for (let filled = 0; filled < length;) {
        stop.throwIfAborted();
        const at = offset + filled;
        const index = Math.floor(at / BLOCK_BYTES);
        const from = at - index * BLOCK_BYTES;
        const count = Math.min(length - filled, BLOCK_BYTES - from);
        bytes.set(await (await blocks.block(index)).read(from, count), filled);
        filled += count;
      }
      return bytes;
    },
    async verify(done) {
      const published = await publishedSha256(url, surroundings);
      const found = published && (await blocks.sha256(done));
      if (!published || !found) return false;
      if (found === published) return true;
      await store.keepOnly([]);
      const { host } = new URL(url);
      const cause = `${file.name} came with the SHA-256 ${found}, but ${host} publishes ${published}`;
      throw new Failure('Download', `${cause}; try again to fetch it anew.`);
    },
  };
}

class Blocks {
  readonly #meta: Meta;
  readonly #surroundings: RemoteSurroundings;
  readonly #ready = new Map<number, RangedFile>();

  constructor(meta: Meta, surroundings: RemoteSurroundings) {
    this.#meta = meta;
    this.#surroundings = surroundings;
  }

  async block(index: number): Promise<RangedFile> {
    return this.#ready.get(index) ?? (await this.#kept(index)) ?? this.#fetch(index);
  }

  /** A block that is whole in the storage. */
  async #kept(index: number): Promise<RangedFile | undefined> {
    const file = await this.#surroundings.store.find(nameOf(index));
    if (file?.sizeBytes !== this.#sizeOf(index)) return undefined;
    this.#ready.set(index, file);
    this.#surroundings.onFetched(file.sizeBytes);
    return file;
  }

  /** SHA-256 of the whole file; undefined while a block is missing. */
  async sha256(done: (doneBytes: number) => void): Promise<string | undefined> {
    const { store, stop } = this.#surroundings;
    const hash = new Sha256();
    let doneBytes = 0;
    for (let index = 0; this.#sizeOf(index) > 0; index++) {
      stop.throwIfAborted();
      const block = await store.find(nameOf(index));
      if (block?.sizeBytes !== this.#sizeOf(index)) return undefined;
      hash.update(await block.read(0, block.sizeBytes));
      done((doneBytes += block.sizeBytes));
    }
    return hash.hex();
  }

  /** Connections are cut: a block is asked for a few times before a person is. */
  async #fetch(index: number): Promise<RangedFile> {
    const { stop, retryAfterMs = RETRY_AFTER_MS } = this.#surroundings;
    for (const waitMs of retryAfterMs) {
      try {
        return await this.#fetchOnce(index);
      } catch (error) {
        if (!(error instanceof Cut)) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
      stop.throwIfAborted();
    }
    return this.#fetchOnce(index);
  }

  async #fetchOnce(index: number): Promise<RangedFile> {
    const { store, stop } = this.#surroundings;
    const from = index * BLOCK_BYTES;
    const response = await request(this.#meta.url, this.#surroundings, {
      headers: { range: `bytes=${from}-${from + this.#sizeOf(index) - 1}` },
    });
    this.#checkSame(response);
    if (response.status === 200) await this.#keepWhole(response);
    else await keep(store, nameOf(index), await bodyOf(response, this.#meta.url, stop));
    return (await this.#kept(index)) ?? refuse(this.#meta.url, 'sent another number of bytes than it promised');
  }

  /** Blocks of two versions make no file: opening it anew begins with the new one. */
  #checkSame({ headers }: Response): void {
    const { etag, url } = this.#meta;
    const now = headers.get('etag');
    if (etag === '' || now === null || now === etag) return;
    throw new Failure('Download', `${fileNameOf(url)} was changed while it was fetched; try again to begin anew.`);
  }

  /** The server knows no ranges: take everything, block by block, as it comes. */
  async #keepWhole(response: Response): Promise<void> {
    const { stop, store } = this.#surroundings;
    let block = new Uint8Array(this.#sizeOf(0));
    let index = 0;
    let filled = 0;
    for await (const value of piecesOf(response, this.#meta.url, stop)) {
      for (let at = 0; at < value.length;) {
        const count = Math.min(value.length - at, block.length - filled);
        if (count === 0) return refuse(this.#meta.url, 'sent more bytes than it promised');
        block.set(value.subarray(at, at + count), filled);
        [at, filled] = [at + count, filled + count];
        if (filled < block.length) continue;
        await keep(store, nameOf(index), block);
        [index, filled] = [index + 1, 0];
        block = new Uint8Array(Math.max(0, this.#sizeOf(index)));
      }
    }
  }

  #sizeOf(index: number): number {
    return Math.min(BLOCK_BYTES, this.#meta.sizeBytes - index * BLOCK_BYTES);
  }
}

const nameOf = (index: number): string => `block-${String(index).padStart(5, '0')}`;

/** Size and version of the file, from the headers alone where the server answers HEAD, else with its first byte. */
async function metaOf(url: string, surroundings: RemoteSurroundings): Promise<Meta> {
  const head = await request(url, surroundings, { method: 'HEAD' }).catch((error: unknown) => {
    if (isAbort(error)) throw error;
    return undefined;
  });
  let sizeBytes = Number(head?.headers.get('content-length') ?? 0);
  const etag = head?.headers.get('etag') ?? '';
  if (!(sizeBytes > 0)) {
    const first = await request(url, surroundings, { headers: { range: 'bytes=0-0' } });
    void first.body?.cancel();
    const range = /\/(\d+)$/.exec(first.headers.get('content-range') ?? '')?.[1];
    sizeBytes = Number(range ?? (first.status === 200 ? first.headers.get('content-length') : 0) ?? 0);
  }
  return sizeBytes > 0 ? { url, sizeBytes, etag } : refuse(url, 'does not say how large the file is');
}

async function isSame(store: ShardStore, meta: Meta): Promise<boolean> {
  const file = await store.find(META);
  if (file === undefined) return false;
  return new TextDecoder().decode(await file.read(0, file.sizeBytes)) === JSON.stringify(meta);
}

async function keep(store: ShardStore, name: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
  const writer = await store.create(name);
  try {
    writer.write(bytes);
  } finally {
    writer.close();
  }
}
