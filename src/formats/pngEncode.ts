import type { Picture } from '../core/engine.ts';
import { crc32 } from './crc32.ts';
import { pngSignature } from './pngChunks.ts';
import { pngTextChunk } from './pngText.ts';
import { encodeUtf8 } from './utf8.ts';

/** zlib's compression (RFC 1950). */
export type Deflate = (bytes: Uint8Array<ArrayBuffer>) => Uint8Array | Promise<Uint8Array>;

/**
 * A PNG with 8 bits a sample: RGB when every pixel is opaque, else RGBA. `texts` (keyword → text) become text chunks;
 * a keyword has 1 to 79 Latin-1 characters.
 */
export async function encodePng(
  picture: Picture,
  deflate: Deflate,
  texts: Readonly<Record<string, string>> = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { width, height, rgba } = picture;
  const samples = isOpaque(rgba) ? 3 : 4;
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header.set([8, samples === 3 ? 2 : 6], 8);
  return concatenate([
    Uint8Array.from(pngSignature),
    chunk('IHDR', header),
    ...Object.entries(texts).map(([keyword, text]) => chunk('iTXt', pngTextChunk(keyword, text))),
    chunk('IDAT', await deflate(filteredLines(width, height, rgba, samples))),
    chunk('IEND', new Uint8Array(0)),
  ]);
}

function isOpaque(rgba: Uint8ClampedArray): boolean {
  for (let i = 3; i < rgba.length; i += 4) if (rgba[i] !== 255) return false;
  return true;
}

/** Lines with filter 2 (difference to the line above), which suits painted pictures and costs nothing. */
function filteredLines(
  width: number,
  height: number,
  rgba: Uint8ClampedArray,
  samples: number,
): Uint8Array<ArrayBuffer> {
  const lineBytes = 1 + width * samples;
  const lines = new Uint8Array(height * lineBytes);
  for (let row = 0; row < height; row++) {
    let target = row * lineBytes;
    lines[target++] = 2;
    for (let col = 0; col < width; col++) {
      const source = (row * width + col) * 4;
      for (let channel = 0; channel < samples; channel++) {
        const above = row === 0 ? 0 : rgba[source - width * 4 + channel]!;
        lines[target++] = rgba[source + channel]! - above;
      }
    }
  }
  return lines;
}

function chunk(type: string, data: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(12 + data.byteLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, data.byteLength);
  bytes.set(encodeUtf8(type), 4);
  bytes.set(data, 8);
  view.setUint32(8 + data.byteLength, crc32(bytes.subarray(4, 8 + data.byteLength)));
  return bytes;
}

function concatenate(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.byteLength;
  }
  return whole;
}
