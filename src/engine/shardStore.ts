import { checkRange, type RangedFile } from '../formats/ranged.ts';

/** Files of one model that survive a reload, by name. Their contents are never trusted: the caller verifies. */
export interface ShardStore {
  find(name: string): Promise<RangedFile | undefined>;
  /** Begin a file, over an older one of that name. */
  create(name: string): Promise<ShardWriter>;
  remove(name: string): Promise<void>;
  /** Remove every file but these. */
  keepOnly(names: readonly string[]): Promise<void>;
}

export interface ShardWriter {
  /** Append. Throws a DOMException named QuotaExceededError when the storage is full; what was written stays. */
  write(bytes: Uint8Array<ArrayBuffer>): void;
  /** What was written so far. */
  written(): Uint8Array<ArrayBuffer>;
  close(): void;
}

/**
 * The origin's private file system, in a worker. Written through the synchronous handle, which locks the file and is
 * closed at once; read as a Blob, which locks nothing, so that two tabs can load one model. Undefined where there is
 * no such storage (some private windows).
 */
export async function openShardStore(model: string, kind = 'models'): Promise<ShardStore | undefined> {
  try {
    const root = await navigator.storage.getDirectory();
    const all = await root.getDirectoryHandle(kind, { create: true });
    return new PrivateFiles(await all.getDirectoryHandle(model, { create: true }));
  } catch {
    return undefined;
  }
}

class PrivateFiles implements ShardStore {
  readonly #folder: FileSystemDirectoryHandle;

  constructor(folder: FileSystemDirectoryHandle) {
    this.#folder = folder;
  }

  async find(name: string): Promise<RangedFile | undefined> {
    try {
      const file = await (await this.#folder.getFileHandle(name)).getFile();
      return blobFile(name, file);
    } catch {
      return undefined;
    }
  }

  async create(name: string): Promise<ShardWriter> {
    const handle = await this.#folder.getFileHandle(name, { create: true });
    const access = await handle.createSyncAccessHandle();
    access.truncate(0);
    let end = 0;
    return {
      write(bytes) {
        const count = access.write(bytes, { at: end });
        if (count < bytes.byteLength) throw new DOMException('the storage is full', 'QuotaExceededError');
        end += count;
      },
      written() {
        const bytes = new Uint8Array(end);
        access.read(bytes, { at: 0 });
        return bytes;
      },
      close: () => access.close(),
    };
  }

  async remove(name: string): Promise<void> {
    await this.#folder.removeEntry(name).catch(() => {}); // somebody else was faster, or holds it
  }

  async keepOnly(names: readonly string[]): Promise<void> {
    const present: string[] = [];
    for await (const name of this.#folder.keys()) present.push(name);
    await Promise.all(present.filter((name) => !names.includes(name)).map((name) => this.remove(name)));
  }
}

/** A Blob or a File for reading in ranges. */
export function blobFile(name: string, blob: Blob): RangedFile & { readonly blob: Blob } {
  const file = { name, sizeBytes: blob.size };
  return {
    ...file,
    blob,
    async read(offset, length) {
      checkRange(file, offset, length);
      return new Uint8Array(await blob.slice(offset, offset + length).arrayBuffer());
    },
  };
}
