import { memoryFile, type RangedFile } from '../formats/ranged.ts';

/** A ShardStore (engine/shardStore.ts) in memory of which each file holds at most `quota` bytes. */
export class MemoryStore {
  readonly files = new Map<string, Uint8Array<ArrayBuffer>>();
  readonly quota: number;

  constructor(quota = Infinity) {
    this.quota = quota;
  }

  async find(name: string): Promise<RangedFile | undefined> {
    const file = this.files.get(name);
    return file && memoryFile(name, file);
  }

  async create(name: string) {
    this.files.set(name, new Uint8Array());
    return {
      write: (part: Uint8Array<ArrayBuffer>) => {
        const before = this.files.get(name)!;
        if (before.length + part.length > this.quota) throw new DOMException('full', 'QuotaExceededError');
        const longer = new Uint8Array(before.length + part.length);
        longer.set(before);
        longer.set(part, before.length);
        this.files.set(name, longer);
      },
      written: (): Uint8Array<ArrayBuffer> => this.files.get(name)!.slice(),
      close: () => {},
    };
  }

  async remove(name: string): Promise<void> {
    this.files.delete(name);
  }

  async keepOnly(names: readonly string[]): Promise<void> {
    for (const name of this.files.keys()) if (!names.includes(name)) this.files.delete(name);
  }
}
