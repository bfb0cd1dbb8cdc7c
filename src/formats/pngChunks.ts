import { Failure } from '../core/failure.ts';
import { crc32 } from './crc32.ts';

export const pngSignature: readonly number[] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export interface PngChunk {
  /** Four letters: IHDR, IDAT, tEXt … */
  readonly type: string;
  /** A view into the file. */
  readonly data: Uint8Array;
}

/** Whether the bytes begin as a PNG does. */
export function isPng(bytes: Uint8Array): boolean {
  return pngSignature.every((byte, i) => bytes[i] === byte);
}

/**
 * The chunks of a PNG up to IEND, each with its CRC checked.
 * @throws Failure BadFile naming the file, the chunk and the place.
 */
export function* pngChunks(bytes: Uint8Array, fileName: string): Generator<PngChunk, void, undefined> {
  if (!isPng(bytes)) refusePng(fileName, 'it is not a PNG, decode it with another program');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let offset = 8; ;) {
    if (offset + 12 > bytes.byteLength) refusePng(fileName, `truncated at byte ${bytes.byteLength}, IEND is missing`);
    const length = view.getUint32(offset);
    const type = chunkType(bytes.subarray(offset + 4, offset + 8));
    if (type === undefined) return refusePng(fileName, `corrupt: no chunk name at byte ${offset + 4}`);
    if (length > bytes.byteLength - offset - 12) {
      refusePng(fileName, `truncated: ${type} at byte ${offset} wants ${length} bytes, beyond the end of the file`);
    }
    const crc = view.getUint32(offset + 8 + length);
    if (crc32(bytes.subarray(offset + 4, offset + 8 + length)) !== crc) {
      refusePng(fileName, `corrupt: the CRC of ${type} at byte ${offset} is wrong`);
    }
    yield { type, data: bytes.subarray(offset + 8, offset + 8 + length) };
    if (type === 'IEND') return;
    offset += 12 + length;
  }
}

function chunkType(bytes: Uint8Array): string | undefined {
  const type = String.fromCharCode(...bytes);
  return /^[A-Za-z]{4}$/.test(type) ? type : undefined;
}

export function refusePng(fileName: string, cause: string): never {
  throw new Failure('BadFile', `${fileName}: ${cause}; choose another picture.`);
}
