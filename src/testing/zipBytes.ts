import { deflateRawSync, inflateRawSync } from 'node:zlib';
import { crc32 } from '../formats/crc32.ts';
import { memoryFile } from '../formats/ranged.ts';
import type { InflateRaw } from '../formats/zip.ts';

export interface ZipPart {
  readonly name: string;
  readonly content: Uint8Array;
  readonly isDeflated?: boolean;
}

/** Node's inflate as the readers of zips want it, for the small files of tests. */
export const inflateRaw: InflateRaw = async (deflated, onPiece) => {
  const pieces: Uint8Array[] = [];
  for await (const piece of deflated) pieces.push(piece);
  const content = inflateRawSync(Buffer.concat(pieces));
  onPiece(content);
  return memoryFile('inflated', content);
};

/** A zip file; with `zip64` its sizes, offsets and counts stand in the wide records only. */
export function zipBytes(
  parts: readonly ZipPart[],
  { comment = '', zip64 = false, prefix = new Uint8Array(0) } = {},
): Buffer<ArrayBuffer> {
  const chunks: Buffer[] = [Buffer.from(prefix)];
  const directory: Buffer[] = [];
  let offset = prefix.byteLength;
  for (const { name, content, isDeflated = false } of parts) {
    const stored = isDeflated ? deflateRawSync(content) : Buffer.from(content);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(isDeflated ? 8 : 0, 4);
    common.writeUInt32LE(crc32(content), 10);
    common.writeUInt32LE(zip64 ? 0xffffffff : stored.byteLength, 14);
    common.writeUInt32LE(zip64 ? 0xffffffff : content.byteLength, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const wide = zip64 ? extra64([content.byteLength, stored.byteLength, offset]) : Buffer.alloc(0);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), stored]);
    common.writeUInt16LE(wide.byteLength, 24);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(zip64 ? 0xffffffff : offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name), wide);
    chunks.push(local);
    offset += local.byteLength;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...chunks, central, ...endRecords(parts.length, central.byteLength, offset, zip64, comment)]);
}

function extra64(numbers: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * numbers.length);
  extra.writeUInt16LE(1, 0);
  extra.writeUInt16LE(8 * numbers.length, 2);
  numbers.forEach((number, i) => extra.writeBigUInt64LE(BigInt(number), 4 + 8 * i));
  return extra;
}

function endRecords(count: number, sizeBytes: number, offset: number, zip64: boolean, comment: string): Buffer[] {
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(zip64 ? 0xffff : count, 8);
  end.writeUInt16LE(zip64 ? 0xffff : count, 10);
  end.writeUInt32LE(zip64 ? 0xffffffff : sizeBytes, 12);
  end.writeUInt32LE(zip64 ? 0xffffffff : offset, 16);
  end.writeUInt16LE(Buffer.byteLength(comment), 20);
  if (!zip64) return [end, Buffer.from(comment)];
  const wide = Buffer.alloc(56);
  wide.write('PK\x06\x06', 'latin1');
  wide.writeBigUInt64LE(44n, 4);
  [count, count, sizeBytes, offset].forEach((number, i) => wide.writeBigUInt64LE(BigInt(number), 24 + 8 * i));
  const locator = Buffer.alloc(20);
  locator.write('PK\x06\x07', 'latin1');
  locator.writeBigUInt64LE(BigInt(offset + sizeBytes), 8);
  locator.writeUInt32LE(1, 16);
  return [wide, locator, end, Buffer.from(comment)];
}
