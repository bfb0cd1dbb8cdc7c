import type { Stop } from '../../core/engine.ts';
import { Failure, isAbort } from '../../core/failure.ts';
import { checkRange, type RangedFile } from '../../formats/ranged.ts';
import type { ShardStore } from '../shardStore.ts';

/** What comes in one request and is kept as one file: small enough to lose, large enough not to wait for each. */
export const BLOCK_BYTES = 8 * 2 ** 20;
const META = 'meta.json';

/** What reading a file of the network takes. */
export interface RemoteSurroundings {
  readonly fetch: typeof fetch;
  /** Where blocks are kept. */
  readonly store: ShardStore;
  readonly stop: Stop;
  /** Told of every block that came, now or earlier. */
  readonly onFetched: (sizeBytes: number) => void;
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
export async function openRemoteFile(url: string, surroundings: RemoteSurroundings): Promise<RangedFile> {
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
  };
}

/** The last part of an address, for messages. */
export function fileNameOf(url: string): string {
  const { pathname, hostname } = new URL(url);
  return decodeURIComponent(pathname.split('/').findLast((part) => part !== '') ?? hostname);
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

  async #fetch(index: number): Promise<RangedFile> {
    const { store } = this.#surroundings;
    const from = index * BLOCK_BYTES;
    const response = await request(this.#meta.url, this.#surroundings, {
      headers: { range: `bytes=${from}-${from + this.#sizeOf(index) - 1}` },
    });
    if (response.status === 200) await this.#keepWhole(response);
    else await keep(store, nameOf(index), await bodyOf(response, this.#meta.url));
    return (await this.#kept(index)) ?? refuse(this.#meta.url, 'sent another number of bytes than it promised');
  }

  /** The server knows no ranges: take everything, block by block, as it comes. */
  async #keepWhole(response: Response): Promise<void> {
    const { stop, store } = this.#surroundings;
    const reader = response.body!.getReader();
    let block = new Uint8Array(this.#sizeOf(0));
    let index = 0;
    let filled = 0;
    for (;;) {
      stop.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return;
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

async function request(url: string, { fetch, stop }: RemoteSurroundings, init: RequestInit): Promise<Response> {
  const signal = stop instanceof AbortSignal ? stop : null;
  const response = await fetch(url, { ...init, signal, cache: 'no-store' }).catch((cause: unknown) => {
    if (isAbort(cause)) throw cause;
    const { host } = new URL(url);
    const sentence = `${host} did not give ${fileNameOf(url)} to this page: either the connection failed, or the site allows no other pages to read its files`;
    throw new Failure('Download', `${sentence}; open the address in a new tab, save the file, and drop it here.`, {
      cause,
    });
  });
  if (response.ok) return response;
  return refuse(url, `answered ${response.status}`);
}

async function bodyOf(response: Response, url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(
    await response.arrayBuffer().catch((cause: unknown) => {
      if (isAbort(cause)) throw cause;
      throw new Failure('Download', `${fileNameOf(url)} broke off; press Continue when the connection is back.`, {
        cause,
      });
    }),
  );
}

function refuse(url: string, cause: string): never {
  const { host } = new URL(url);
  throw new Failure(
    'Download',
    `${host} ${cause} for ${fileNameOf(url)}; check the address, or save the file and drop it.`,
  );
}
