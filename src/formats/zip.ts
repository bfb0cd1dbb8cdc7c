import { crc32 } from './crc32.ts';
import { quoted } from './pickleValues.ts';
import { checkRange, memoryFile, type RangedFile } from './ranged.ts';
import { encodeUtf8 } from './utf8.ts';
import { readZipDirectory, refuseZip, type ZipEntry } from './zipDirectory.ts';

/** Undo raw deflate (RFC 1951); must throw on corrupt data and instead of giving more than `limitBytes`. */
export type InflateRaw = (deflated: Uint8Array<ArrayBuffer>, limitBytes: number) => Uint8Array | Promise<Uint8Array>;

/** A deflated entry is inflated as a whole, so a larger one would not fit beside a model. */
export const inflatedLimitBytes = 64 * 2 ** 20;
/** Deflate shrinks at most 1,032 times; weights, configurations and texts stay far below this. */
const ratioLimit = 200;
const headerBytes = 30;
const checkedPieceBytes = 2 ** 20;

/** An entry as a file of its own, whose content can be compared with its checksum. */
export interface ZipFile extends RangedFile {
  /** Read the whole content once, in pieces. @throws Failure BadFile when its CRC-32 is wrong. */
  verify(): Promise<void>;
}

export interface Zip {
  /** Of the file. */
  readonly name: string;
  readonly entries: ReadonlyMap<string, ZipEntry>;
  /**
   * The content of an entry. Stored content is read in ranges, deflated content is inflated as a whole (64 MiB at
   * most). A read of everything at once checks the CRC-32.
   * @throws Failure BadFile naming file and entry.
   */
  open(entryName: string): Promise<ZipFile>;
}

/**
 * Open a zip; contents are not read.
 * @throws Failure BadFile naming the file and what is wrong with it.
 */
export async function openZip(file: RangedFile, inflate: InflateRaw): Promise<Zip> {
  const entries = await readZipDirectory(file);
  return {
    name: file.name,
    entries,
    async open(entryName) {
      const entry = entries.get(entryName);
      if (entry === undefined) return refuseZip(file.name, `the zip has no entry ${quoted(entryName)}`);
      const dataOffset = await checkLocalHeader(file, entry);
      return entry.method === 0 ? storedFile(file, entry, dataOffset) : inflatedFile(file, entry, dataOffset, inflate);
    },
  };
}

/** Compare the local header with the directory, so that both readers of a zip see the same; the content's offset. */
async function checkLocalHeader(file: RangedFile, entry: ZipEntry): Promise<number> {
  const { name, headerOffset } = entry;
  const nameBytes = encodeUtf8(name);
  checkRange(file, headerOffset, headerBytes + nameBytes.length);
  const bytes = await file.read(headerOffset, headerBytes + nameBytes.length);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(0, true) !== 0x04034b50) refuseZip(file.name, `the entry ${quoted(name)} has no local header`);
  const isSameName = nameBytes.every((byte, i) => byte === bytes[headerBytes + i]);
  if (view.getUint16(26, true) !== nameBytes.length || !isSameName) {
    refuseZip(file.name, `the name of the entry ${quoted(name)} does not match the one in its local header`);
  }
  if (view.getUint16(8, true) !== entry.method || view.getUint16(6, true) !== entry.flags) {
    refuseZip(file.name, `the compression of the entry ${quoted(name)} does not match its local header`);
  }
  const hasSizesBehind = (entry.flags & 8) !== 0;
  const sizes = [view.getUint32(14, true), view.getUint32(18, true), view.getUint32(22, true)];
  const expected = [entry.crc, entry.storedBytes, entry.sizeBytes];
  if (!hasSizesBehind && sizes.some((size, i) => size !== expected[i] && size !== 0xffffffff)) {
    refuseZip(file.name, `the sizes or the CRC-32 of the entry ${quoted(name)} do not match its local header`);
  }
  const dataOffset = headerOffset + headerBytes + nameBytes.length + view.getUint16(28, true);
  checkRange(file, dataOffset, entry.storedBytes);
  return dataOffset;
}

function storedFile(file: RangedFile, entry: ZipEntry, dataOffset: number): ZipFile {
  const own = { name: `${file.name}/${entry.name}`, sizeBytes: entry.sizeBytes };
  let isVerified = false;
  return {
    ...own,
    async read(offset, length) {
      checkRange(own, offset, length);
      const bytes = await file.read(dataOffset + offset, length);
      if (length === own.sizeBytes && !isVerified) {
        checkCrc(file.name, entry, crc32(bytes));
        isVerified = true;
      }
      return bytes;
    },
    async verify() {
      if (isVerified) return;
      let crc = 0;
      for (let offset = 0; offset < own.sizeBytes; offset += checkedPieceBytes) {
        const length = Math.min(checkedPieceBytes, own.sizeBytes - offset);
        crc = crc32(await file.read(dataOffset + offset, length), crc);
      }
      checkCrc(file.name, entry, crc);
      isVerified = true;
    },
  };
}

async function inflatedFile(
  file: RangedFile,
  entry: ZipEntry,
  dataOffset: number,
  inflate: InflateRaw,
): Promise<ZipFile> {
  const { sizeBytes, storedBytes } = entry;
  if (sizeBytes > inflatedLimitBytes) {
    const sizes = `${sizeBytes} bytes, the limit is ${inflatedLimitBytes}`;
    const cause = `the compressed entry ${quoted(entry.name)} is too large to inflate here, ${sizes}`;
    refuseZip(file.name, cause, 'unzip it yourself first');
  }
  if (sizeBytes > ratioLimit * storedBytes + 1024) {
    refuseZip(
      file.name,
      `the entry ${quoted(entry.name)} is compressed more than any weights are, ${ratioLimit} times`,
    );
  }
  const deflated = await file.read(dataOffset, storedBytes);
  let bytes: Uint8Array;
  try {
    bytes = await inflate(deflated, sizeBytes);
  } catch (error) {
    const cause = quoted(String((error as Error).message));
    return refuseZip(file.name, `the compressed entry ${quoted(entry.name)} is corrupt (${cause})`);
  }
  if (bytes.byteLength !== sizeBytes) {
    const sizes = `${bytes.byteLength} bytes instead of ${sizeBytes}`;
    refuseZip(file.name, `the compressed entry ${quoted(entry.name)} is corrupt: it holds ${sizes}`);
  }
  checkCrc(file.name, entry, crc32(bytes));
  return { ...memoryFile(`${file.name}/${entry.name}`, bytes), verify: async () => {} };
}

function checkCrc(fileName: string, entry: ZipEntry, crc: number): void {
  if (crc === entry.crc) return;
  refuseZip(fileName, `the content of the entry ${quoted(entry.name)} is corrupt: its checksum (CRC-32) is wrong`);
}
