import { crc32 } from './crc32.ts';
import { quoted } from './pickleValues.ts';
import { checkRange, type RangedFile } from './ranged.ts';
import { encodeUtf8 } from './utf8.ts';
import { readZipDirectory, refuseZip, type ZipEntry } from './zipDirectory.ts';

/**
 * Undo raw deflate (RFC 1951) in pieces and keep what comes out, for reading in ranges. `onPiece` sees each piece before it
 * is kept and throws to stop. Must throw on corrupt data.
 */
export type InflateRaw = (
  deflated: AsyncIterable<Uint8Array<ArrayBuffer>>,
  onPiece: (piece: Uint8Array) => void,
) => Promise<Pick<RangedFile, 'read'>>;

/** Deflate cannot be read from its middle, so what was inflated is kept: all of a folder's, one entry's at a time. */
export const inflatedLimitBytes = 2 ** 30;
/** Deflate shrinks at most 1,032 times; weights, configurations and texts stay far below this. */
const ratioLimit = 200;
const headerBytes = 30;
const checkedPieceBytes = 2 ** 20;
/** A platform may inflate a piece at once: then this, times 1,032, is in memory. */
const deflatedPieceBytes = 2 ** 16;

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
   * The content of an entry. Stored content is read in ranges, and a read of everything at once checks its CRC-32.
   * Deflated content of at most `limitBytes` (1 GiB, if not said otherwise) is inflated, checked and kept.
   * @throws Failure BadFile naming file and entry.
   */
  open(entryName: string, limitBytes?: number): Promise<ZipFile>;
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
    async open(entryName, limitBytes = inflatedLimitBytes) {
      const entry = entries.get(entryName);
      if (entry === undefined) return refuseZip(file.name, `the zip has no entry ${quoted(entryName)}`);
      const dataOffset = await checkLocalHeader(file, entry);
      if (entry.method === 0) return storedFile(file, entry, dataOffset);
      checkInflated(file.name, entry, limitBytes);
      return inflatedFile(file, entry, dataOffset, inflate);
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

/** Refuse by the sizes that an entry claims, before anything of it is inflated. */
function checkInflated(fileName: string, { name, sizeBytes, storedBytes }: ZipEntry, limitBytes: number): void {
  if (sizeBytes > limitBytes) {
    const cause = `the compressed entry ${quoted(name)} is too large to inflate here`;
    refuseZip(fileName, `${cause}, ${sizeBytes} bytes, the limit is ${limitBytes}`, 'unzip it yourself first');
  }
  if (sizeBytes > ratioLimit * storedBytes + 1024) {
    refuseZip(fileName, `the entry ${quoted(name)} is compressed more than any weights are, ${ratioLimit} times`);
  }
}

async function inflatedFile(
  file: RangedFile,
  entry: ZipEntry,
  dataOffset: number,
  inflate: InflateRaw,
): Promise<ZipFile> {
  const { name, sizeBytes, storedBytes } = entry;
  const refuseContent = (cause: string): never =>
    refuseZip(file.name, `the compressed entry ${quoted(name)} is corrupt${cause}`);
  let [inflatedBytes, crc] = [0, 0];
  const onPiece = (piece: Uint8Array): void => {
    inflatedBytes += piece.byteLength;
    if (inflatedBytes > sizeBytes) throw new Error(`more than the ${sizeBytes} bytes that it says`);
    crc = crc32(piece, crc);
  };
  // A file that cannot be read and a stop are no fault of the content.
  let unreadable: unknown;
  const deflated = piecesOf(file, dataOffset, storedBytes, (error) => (unreadable = error));
  const content = await inflate(deflated, onPiece).catch((error: unknown) => {
    if (unreadable !== undefined) throw unreadable;
    return refuseContent(` (${quoted(String((error as Error).message))})`);
  });
  if (inflatedBytes !== sizeBytes) refuseContent(`: it holds ${inflatedBytes} bytes instead of ${sizeBytes}`);
  checkCrc(file.name, entry, crc);
  const own = { name: `${file.name}/${name}`, sizeBytes };
  return {
    ...own,
    async read(offset, length) {
      checkRange(own, offset, length);
      return content.read(offset, length);
    },
    verify: async () => {},
  };
}
async function* piecesOf(
  file: RangedFile,
  offset: number,
  length: number,
  onFailure: (error: unknown) => void,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  try {
    for (let done = 0; done < length; done += deflatedPieceBytes) {
      yield await file.read(offset + done, Math.min(deflatedPieceBytes, length - done));
    }
  } catch (error) {
    onFailure(error);
    throw error;
  }
}

function checkCrc(fileName: string, entry: ZipEntry, crc: number): void {
  if (crc === entry.crc) return;
  refuseZip(fileName, `the content of the entry ${quoted(entry.name)} is corrupt: its checksum (CRC-32) is wrong`);
}
