import { dtypeBytes } from './dtypes.ts';
import { unpickle, type PickleRules } from './pickle.ts';
import { PickleGoesOn } from './pickleCursor.ts';
import { PickleDict, quoted, refusePickle, type PickleValue } from './pickleValues.ts';
import { checkRange, type RangedFile } from './ranged.ts';
import { flatten, type FlatCheckpoint } from './stateDict.ts';
import { TorchPickleRules } from './torchPickle.ts';
import type { StorageFile } from './torchFile.ts';

/** 0x1950a86a20f9469cfc6c as the pickle of a long writes it, behind PROTO (and FRAME). */
const magic = [0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const protocolVersion = 1001;
const firstWindowBytes = 256 * 1024;

/** Whether the first bytes are those of a file that torch.save wrote before 1.6. */
export function isTorchLegacy(head: Uint8Array): boolean {
  const places = [2, 11]; // behind PROTO, or behind PROTO and FRAME
  return head[0] === 0x80 && places.some((place) => magic.every((byte, i) => head[place + i] === byte));
}

/**
 * A legacy file: pickles of magic number, protocol, system, the object and the list of storage keys, then for each key
 * a count of elements (u64) and the elements.
 */
export async function openTorchLegacy(
  file: RangedFile,
  pickleLimitBytes: number,
): Promise<{ flat: FlatCheckpoint; blocks: ReadonlyMap<string, StorageFile> }> {
  const reader = new PickleSequence(file, pickleLimitBytes);
  await reader.next(plain);
  const version = await reader.next(plain);
  if (version !== protocolVersion) refusePickle(file.name, 'the protocol version of its legacy form is unknown');
  const system = await reader.next(plain);
  if (system instanceof PickleDict && system.entries.get('little_endian') === false) {
    refusePickle(file.name, 'it was written on a machine with big-endian byte order, only little-endian can be read');
  }
  const rules = new TorchPickleRules(file.name);
  const root = await reader.next(rules);
  const keys = await reader.next(plain);
  const blocks = await locateStorages(file, rules, keys, reader.end);
  return { flat: flatten(root, file.name), blocks };
}

/** Rules of pickles that hold numbers and texts only. */
const plain: PickleRules = {
  construct: () => undefined,
  persistent: () => null,
};

/** Pickles one behind the other, of unknown lengths; the window grows until the current one fits. */
class PickleSequence {
  end = 0;
  private readonly file: RangedFile;
  private readonly limitBytes: number;
  private window: Uint8Array = new Uint8Array(0);
  constructor(file: RangedFile, limitBytes: number) {
    this.file = file;
    this.limitBytes = limitBytes;
  }

  async next(rules: PickleRules): Promise<PickleValue> {
    for (;;) {
      try {
        const { value, end } = unpickle(this.file.name, this.window, rules, this.end, this.file.sizeBytes);
        this.end = end;
        return value;
      } catch (error) {
        if (!(error instanceof PickleGoesOn)) throw error;
        await this.grow(error.wantedBytes);
      }
    }
  }

  private async grow(wantedBytes: number): Promise<void> {
    if (wantedBytes > this.limitBytes) {
      refusePickle(this.file.name, `its pickle goes on beyond the limit of ${this.limitBytes} bytes`);
    }
    const size = Math.max(wantedBytes, 2 * this.window.byteLength, firstWindowBytes);
    this.window = await this.file.read(0, Math.min(size, this.limitBytes, this.file.sizeBytes));
  }
}

async function locateStorages(
  file: RangedFile,
  { storages }: TorchPickleRules,
  keys: PickleValue,
  start: number,
): Promise<ReadonlyMap<string, StorageFile>> {
  if (!Array.isArray(keys)) return refusePickle(file.name, 'its list of storage keys is missing');
  const blocks = new Map<string, StorageFile>();
  let offset = start;
  for (const key of keys) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    if (storage === undefined || blocks.has(storage.key)) {
      return refusePickle(
        file.name,
        `its list of storages has the key ${quoted(String(key))}, which no tensor uses or which came before`,
      );
    }
    checkRange(file, offset, 8);
    const count = await file.read(offset, 8);
    const elements = new DataView(count.buffer, count.byteOffset, 8).getBigUint64(0, true);
    if (elements !== BigInt(storage.elements)) {
      const sizes = `${elements} elements, ${storage.elements} are expected`;
      refusePickle(file.name, `a mismatch: the storage ${quoted(storage.key)} claims ${sizes}`);
    }
    const sizeBytes = storage.elements * dtypeBytes[storage.dtype];
    if (offset + 8 + sizeBytes > file.sizeBytes) {
      refusePickle(file.name, `it is truncated: the storage ${quoted(storage.key)} reaches beyond the end of the file`);
    }
    blocks.set(storage.key, part(file, offset + 8, sizeBytes));
    offset += 8 + sizeBytes;
  }
  for (const key of storages.keys()) {
    if (!blocks.has(key)) refusePickle(file.name, `its storage ${quoted(key)} is missing from the list of keys`);
  }
  return blocks;
}

function part(file: RangedFile, start: number, sizeBytes: number): StorageFile {
  const own = { name: file.name, sizeBytes };
  return {
    ...own,
    async read(offset, length) {
      checkRange(own, offset, length);
      return file.read(start + offset, length);
    },
    verify: async () => {}, // the legacy form has no checksums
  };
}
