import { Failure } from '../core/failure.ts';
import { quoted } from './pickleValues.ts';
import type { RangedFile } from './ranged.ts';
import { decodeUtf8 } from './utf8.ts';

/** A checkpoint of 2,000 tensors with its optimizer has 6,000 entries. */
const entryLimit = 100_000;
const directoryLimitBytes = 16 * 2 ** 20;
const nameLimitBytes = 1000;
const endBytes = 22;
const commentLimitBytes = 65_535;
const end64LocatorBytes = 20;
const end64Bytes = 56;
const centralBytes = 46;

export interface ZipEntry {
  /** Path with '/', checked: relative, no '..', no backslash, no drive. */
  readonly name: string;
  readonly isFolder: boolean;
  /** 0 stored, 8 deflated. */
  readonly method: number;
  readonly flags: number;
  /** CRC-32 of the content. */
  readonly crc: number;
  readonly sizeBytes: number;
  readonly storedBytes: number;
  /** Of the local header, from the start of the file. */
  readonly headerOffset: number;
}

/** @throws Failure BadFile: the file, the cause, and what to do. */
export function refuseZip(fileName: string, cause: string, advice = 'get the file again'): never {
  throw new Failure('BadFile', `${fileName}: ${cause}; ${advice}.`);
}

/** The entries that the central directory of a zip (zip64 too) lists, in its order, checked against each other. */
export async function readZipDirectory(file: RangedFile): Promise<ReadonlyMap<string, ZipEntry>> {
  const { count, offset, sizeBytes } = await findDirectory(file);
  const bytes = await file.read(offset, sizeBytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  let place = 0;
  for (let i = 0; i < count; i++) {
    if (place + centralBytes > sizeBytes || view.getUint32(place, true) !== 0x02014b50) {
      refuseZip(file.name, `the zip is corrupt: its central directory ends after ${i} of ${count} entries`);
    }
    const variable = [28, 30, 32].map((field) => view.getUint16(place + field, true));
    const end = place + centralBytes + variable[0]! + variable[1]! + variable[2]!;
    if (end > sizeBytes) refuseZip(file.name, `the zip is corrupt: entry ${i} of its central directory runs beyond it`);
    const entry = parseEntry(bytes.subarray(place, end), file.name);
    if (entries.has(entry.name)) refuseZip(file.name, `the zip has a duplicate entry named ${quoted(entry.name)}`);
    entries.set(entry.name, entry);
    place = end;
  }
  if (place < sizeBytes) refuseZip(file.name, 'the zip is corrupt: its central directory has more than it counts');
  checkPlaces([...entries.values()], offset, file.name);
  return entries;
}

interface Directory {
  readonly count: number;
  readonly offset: number;
  readonly sizeBytes: number;
}

async function findDirectory(file: RangedFile): Promise<Directory> {
  const tailBytes = Math.min(file.sizeBytes, endBytes + commentLimitBytes);
  const tail = await file.read(file.sizeBytes - tailBytes, tailBytes);
  const view = new DataView(tail.buffer, tail.byteOffset, tail.byteLength);
  const found: number[] = [];
  for (let place = tailBytes - endBytes; place >= 0; place--) {
    if (view.getUint32(place, true) !== 0x06054b50) continue;
    if (place + endBytes + view.getUint16(place + 20, true) === tailBytes) found.push(place);
  }
  if (found.length > 1) refuseZip(file.name, 'the zip has two end records, one hidden in the comment of the other');
  if (found.length === 0) {
    refuseZip(file.name, 'the zip has no end of its central directory, so it is truncated or damaged');
  }
  const place = found[0]!;
  const count = view.getUint16(place + 10, true);
  const split = view.getUint16(place + 4, true) + view.getUint16(place + 6, true);
  if (split !== 0 && split !== 2 * 0xffff) refuseZip(file.name, 'the zip is one part of several; join them first');
  const here = { count, sizeBytes: view.getUint32(place + 12, true), offset: view.getUint32(place + 16, true) };
  const endOffset = file.sizeBytes - tailBytes + place;
  const locator = await end64Locator(file, endOffset);
  // Without a zip64 record even 65,535 entries are a plain number, and the directory must fit.
  if (locator === undefined) return checked(here, endOffset, file.name);
  return checked(await directory64(file, locator, endOffset), locator, file.name);
}

/** Offset of the zip64 end record that the locator before the end record names; undefined without one. */
async function end64Locator(file: RangedFile, endOffset: number): Promise<number | undefined> {
  if (endOffset < end64LocatorBytes) return undefined;
  const view = viewOf(await file.read(endOffset - end64LocatorBytes, end64LocatorBytes));
  return view.getUint32(0, true) === 0x07064b50 ? Number(view.getBigUint64(8, true)) : undefined;
}

async function directory64(file: RangedFile, offset: number, endOffset: number): Promise<Directory> {
  if (offset > endOffset - end64LocatorBytes - end64Bytes) {
    refuseZip(file.name, `the zip64 end record is said to lie at offset ${offset}, beyond its place`);
  }
  const view = viewOf(await file.read(offset, end64Bytes));
  if (view.getUint32(0, true) !== 0x06064b50) refuseZip(file.name, `there is no zip64 end record at offset ${offset}`);
  return {
    count: Number(view.getBigUint64(32, true)),
    sizeBytes: Number(view.getBigUint64(40, true)),
    offset: Number(view.getBigUint64(48, true)),
  };
}

function checked(directory: Directory, limitOffset: number, fileName: string): Directory {
  const { count, offset, sizeBytes } = directory;
  if (offset + sizeBytes > limitOffset) {
    const claim = `${count} entries in ${sizeBytes} bytes at offset ${offset}`;
    refuseZip(fileName, `the zip is corrupt: its central directory of ${claim} reaches beyond its place`);
  }
  if (count > entryLimit || sizeBytes > directoryLimitBytes) {
    refuseZip(fileName, `the zip has ${count} entries in a central directory of ${sizeBytes} bytes, over the limit`);
  }
  if (count === 0) refuseZip(fileName, 'the zip is empty');
  return directory;
}

function parseEntry(bytes: Uint8Array, fileName: string): ZipEntry {
  const view = viewOf(bytes);
  const nameBytes = view.getUint16(28, true);
  const nameEnd = centralBytes + nameBytes;
  const raw = bytes.subarray(centralBytes, nameEnd);
  const name = nameBytes <= nameLimitBytes ? decodeUtf8(raw) : undefined;
  if (name === undefined) return refuseZip(fileName, 'the name of an entry of the zip is too long or not UTF-8');
  checkPath(name, fileName);
  const flags = view.getUint16(8, true);
  const method = view.getUint16(10, true);
  if ((flags & 0x2041) !== 0) refuseZip(fileName, `the entry ${quoted(name)} of the zip is encrypted`);
  if (method !== 0 && method !== 8) {
    refuseZip(fileName, `the entry ${quoted(name)} has the unsupported compression method ${method}`);
  }
  const sizes = sizesOf(view, bytes.subarray(nameEnd, nameEnd + view.getUint16(30, true)));
  if (sizes === undefined) return refuseZip(fileName, `the zip64 sizes of the entry ${quoted(name)} are missing`);
  if (method === 0 && sizes.sizeBytes !== sizes.storedBytes) {
    refuseZip(fileName, `the entry ${quoted(name)} is stored, but its two sizes differ`);
  }
  return { name, isFolder: name.endsWith('/'), method, flags, crc: view.getUint32(16, true), ...sizes };
}

/** Sizes and offset, from the zip64 extra field where the plain ones are all ones; undefined when it lacks them. */
function sizesOf(
  view: DataView,
  extra: Uint8Array,
): { sizeBytes: number; storedBytes: number; headerOffset: number } | undefined {
  const plain = [24, 20, 42].map((field) => view.getUint32(field, true));
  const wide = plain.includes(0xffffffff) ? wideNumbers(extra) : [];
  const sizes = plain.map((number) => (number === 0xffffffff ? wide.shift() : number));
  const [sizeBytes, storedBytes, headerOffset] = sizes;
  if (sizeBytes === undefined || storedBytes === undefined || headerOffset === undefined) return undefined;
  return { sizeBytes, storedBytes, headerOffset };
}

/** The 8-byte numbers of the zip64 extra field (id 1). */
function wideNumbers(extra: Uint8Array): number[] {
  const view = viewOf(extra);
  for (let place = 0; place + 4 <= extra.byteLength;) {
    const end = place + 4 + view.getUint16(place + 2, true);
    if (view.getUint16(place, true) === 1 && end <= extra.byteLength) {
      const count = Math.floor((end - place - 4) / 8);
      return Array.from({ length: count }, (_, i) => Number(view.getBigUint64(place + 4 + 8 * i, true)));
    }
    place = end;
  }
  return [];
}

function checkPath(name: string, fileName: string): void {
  const parts = name.split('/');
  const leaves = parts.some((part) => part === '..' || part === '.') || name.startsWith('/') || /^[A-Za-z]:/.test(name);
  if (name === '' || leaves || name.includes('\\') || name.includes('\0')) {
    refuseZip(fileName, `the zip has an entry whose name is no path within it: "${quoted(name)}"`);
  }
}

/** Entries lie before the directory and do not overlap, so that a small file cannot claim much content. */
function checkPlaces(entries: readonly ZipEntry[], directoryOffset: number, fileName: string): void {
  const ordered = entries.toSorted((a, b) => a.headerOffset - b.headerOffset);
  for (const [i, { name, headerOffset, storedBytes }] of ordered.entries()) {
    const end = headerOffset + 30 + storedBytes;
    if (end > directoryOffset) {
      refuseZip(
        fileName,
        `the zip is corrupt: its entry ${quoted(name)} at offset ${headerOffset} lies beyond its place`,
      );
    }
    if (end > (ordered[i + 1]?.headerOffset ?? directoryOffset)) {
      refuseZip(fileName, `the zip is corrupt: its entry ${quoted(name)} overlaps the next one`);
    }
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
