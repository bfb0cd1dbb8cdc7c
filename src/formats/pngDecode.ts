import type { Picture } from '../core/engine.ts';
import { pngChunks, refusePng } from './pngChunks.ts';
import { paintPass, passesOf, passBytes, type PngHeader } from './pngPixels.ts';

/** Undo zlib's compression; must throw on corrupt data and instead of giving more than `limitBytes`. */
export type Inflate = (deflated: Uint8Array<ArrayBuffer>, limitBytes: number) => Uint8Array | Promise<Uint8Array>;

/** 64 megapixels: a large camera's picture, 256 MiB as RGBA. */
export const pixelLimit = 1 << 26;

/**
 * Decode any PNG of the standard (all colour types and depths, interlaced too) to RGBA with 8 bits.
 * @throws Failure BadFile naming the file; pictures over the pixel limit are refused before anything is inflated.
 */
export async function decodePng(
  bytes: Uint8Array,
  fileName: string,
  inflate: Inflate,
  limitPixels = pixelLimit,
): Promise<Picture> {
  const { header, idat } = gather(bytes, fileName, limitPixels);
  const passes = passesOf(header);
  const wantedBytes = passes.reduce((sum, pass) => sum + passBytes(header, pass), 0);
  let raw: Uint8Array;
  try {
    raw = await inflate(idat, wantedBytes);
  } catch (error) {
    return refusePng(fileName, `corrupt: its pixels cannot be decoded (${(error as Error).message})`);
  }
  if (raw.byteLength !== wantedBytes) {
    refusePng(fileName, `corrupt or truncated: ${wantedBytes} bytes of pixels wanted, ${raw.byteLength} found`);
  }
  const { width, height } = header;
  const picture = { width, height, rgba: new Uint8ClampedArray(width * height * 4) };
  let offset = 0;
  for (const pass of passes) {
    const end = offset + passBytes(header, pass);
    const isPainted = paintPass(picture, header, pass, raw.subarray(offset, end));
    if (!isPainted) refusePng(fileName, 'corrupt: an unknown filter or a colour beyond the palette');
    offset = end;
  }
  return picture;
}

/** Width and height as the header states them, checked against the limit; nothing is decoded. */
export function pngSize(
  bytes: Uint8Array,
  fileName: string,
  limitPixels = pixelLimit,
): { width: number; height: number } {
  const first = pngChunks(bytes, fileName).next().value;
  if (first?.type !== 'IHDR') return refusePng(fileName, 'corrupt: it does not begin with IHDR');
  return parseHeader(first.data, fileName, limitPixels);
}

function gather(
  bytes: Uint8Array,
  fileName: string,
  limitPixels: number,
): { header: PngHeader; idat: Uint8Array<ArrayBuffer> } {
  let header: PngHeader | undefined;
  const pieces: Uint8Array[] = [];
  for (const { type, data } of pngChunks(bytes, fileName)) {
    if (header === undefined && type !== 'IHDR') refusePng(fileName, 'corrupt: it does not begin with IHDR');
    if (type === 'IHDR') header = parseHeader(data, fileName, limitPixels);
    else if (type === 'PLTE') header = { ...header!, palette: data };
    else if (type === 'tRNS') header = { ...header!, transparency: data };
    else if (type === 'IDAT') pieces.push(data);
  }
  if (pieces.length === 0) refusePng(fileName, 'corrupt: it holds no pixels (IDAT)');
  if (header!.colorType === 3 && header!.palette.byteLength === 0)
    refusePng(fileName, 'corrupt: its palette is missing');
  const idat = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let offset = 0;
  for (const piece of pieces) {
    idat.set(piece, offset);
    offset += piece.byteLength;
  }
  return { header: header!, idat };
}

/** Bit depths that the standard allows for each colour type: grey, RGB, palette, grey + alpha, RGBA. */
const depthsOfColorType: ReadonlyMap<number, readonly number[]> = new Map([
  [0, [1, 2, 4, 8, 16]],
  [2, [8, 16]],
  [3, [1, 2, 4, 8]],
  [4, [8, 16]],
  [6, [8, 16]],
]);

function parseHeader(data: Uint8Array, fileName: string, limitPixels: number): PngHeader {
  if (data.byteLength !== 13) return refusePng(fileName, `corrupt: IHDR has ${data.byteLength} bytes instead of 13`);
  const view = new DataView(data.buffer, data.byteOffset, 13);
  const width = view.getUint32(0);
  const height = view.getUint32(4);
  if (width === 0 || height === 0) refusePng(fileName, `its size of ${width} × ${height} pixels holds nothing`);
  if (width * height > limitPixels) {
    refusePng(fileName, `its size of ${width} × ${height} pixels is too large, the limit is ${limitPixels} pixels`);
  }
  const [depth, colorType, compression, filter, interlace] = data.subarray(8) as unknown as number[];
  if (!depthsOfColorType.get(colorType!)?.includes(depth!)) {
    refusePng(fileName, `corrupt: colour type ${colorType} with ${depth} bits does not exist`);
  }
  if (compression !== 0 || filter !== 0 || interlace! > 1)
    refusePng(fileName, 'corrupt: its header is outside the format');
  const none = new Uint8Array(0);
  return {
    width,
    height,
    depth: depth!,
    colorType: colorType!,
    interlaced: interlace === 1,
    palette: none,
    transparency: none,
  };
}
