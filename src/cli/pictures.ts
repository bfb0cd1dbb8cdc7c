import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { deflateSync, inflateSync } from 'node:zlib';
import type { Picture } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';
import { resizeBicubic } from '../core/resample.ts';
import { exifOrientation, type Orientation } from '../formats/exif.ts';
import { isJpeg, isWebp, jpegHeader, webpHeader, type PhotoHeader } from '../formats/photoHeader.ts';
import { isPng, pngChunks } from '../formats/pngChunks.ts';
import { decodePng, pixelLimit } from '../formats/pngDecode.ts';
import { encodePng } from '../formats/pngEncode.ts';
import { readWhole, writeWhole } from './files.ts';
import { overWhite, upright } from './upright.ts';

const fileLimitBytes = 2 ** 28;

/**
 * A PNG, JPEG or WebP as it is meant to be seen: turned as its EXIF says, transparent parts over white.
 * @throws Failure BadFile naming the file; pictures over the pixel limit are refused before they are decoded
 */
export async function readPicture(file: string): Promise<Picture> {
  const bytes = await readWhole(file, fileLimitBytes);
  const { picture, orientation } = await decode(bytes, file);
  return overWhite(upright(picture, orientation));
}

/** The picture in the model's size: bicubic with antialiasing, the aspect ratio ignored, as the reference does. */
export function fitted(picture: Picture, size: number): Picture {
  const { width, height, rgba } = picture;
  if (width === size && height === size) return picture;
  const data = new Uint8Array(rgba.buffer);
  const resized = resizeBicubic({ width, height, channels: 4, data }, size, size);
  return { width: size, height: size, rgba: new Uint8ClampedArray(resized.data.buffer) };
}

export async function writePng(
  file: string,
  picture: Picture,
  texts?: Readonly<Record<string, string>>,
): Promise<void> {
  await writeWhole(file, await encodePng(picture, (bytes) => deflateSync(bytes), texts));
}

interface Decoded {
  readonly picture: Picture;
  readonly orientation: Orientation;
}

async function decode(bytes: Uint8Array<ArrayBuffer>, file: string): Promise<Decoded> {
  if (isPng(bytes)) {
    const inflate = (data: Uint8Array, limit: number): Uint8Array => inflateSync(data, { maxOutputLength: limit });
    const picture = await decodePng(bytes, file, inflate);
    const exif = [...pngChunks(bytes, file)].find(({ type }) => type === 'eXIf');
    return { picture, orientation: exif ? exifOrientation(exif.data) : 1 };
  }
  const kind = isJpeg(bytes) ? 'jpeg' : isWebp(bytes) ? 'webp' : undefined;
  if (kind === undefined)
    throw new Failure('BadFile', `${file}: it is not a PNG, JPEG or WebP picture; choose another one.`);
  const header = kind === 'jpeg' ? jpegHeader(bytes) : webpHeader(bytes);
  if (header === undefined) throw new Failure('BadFile', `${file}: corrupt or truncated, it has no picture header.`);
  checkHeader(header, kind, file);
  const picture = await decodePhoto(bytes, kind, file);
  if (picture.width !== header.width || picture.height !== header.height) {
    throw new Failure('BadFile', `${file}: corrupt, its header and its pixels differ in size.`);
  }
  return { picture, orientation: header.orientation };
}

function checkHeader({ width, height, channels, animated }: PhotoHeader, kind: 'jpeg' | 'webp', file: string): void {
  const size = `its size of ${width} × ${height} pixels`;
  if (width === 0 || height === 0) throw new Failure('BadFile', `${file}: ${size} holds nothing.`);
  if (width * height > pixelLimit) {
    throw new Failure('BadFile', `${file}: ${size} is too large, the limit is ${pixelLimit} pixels.`);
  }
  if (kind === 'jpeg' && channels === 4) throw new Failure('BadFile', `${file}: it is a CMYK picture, save it as RGB.`);
  if (animated) throw new Failure('BadFile', `${file}: it is animated, save one frame of it.`);
}

/** The part of WebAssembly that we use; neither ES2023 nor Node's types declare it. */
declare const WebAssembly: { compile(bytes: Uint8Array): Promise<object> };

interface PhotoDecoder {
  default(buffer: ArrayBuffer): Promise<{ width: number; height: number; data: Uint8ClampedArray }>;
  init(module: object, options: { printErr: () => void }): Promise<void>;
}

/** Google's own decoders (mozjpeg, libwebp) as WebAssembly: the same pixels as Pillow and browsers give. */
async function decodePhoto(bytes: Uint8Array<ArrayBuffer>, kind: 'jpeg' | 'webp', file: string): Promise<Picture> {
  const find = createRequire(import.meta.url).resolve;
  const wasm = find(
    kind === 'jpeg' ? '@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm' : '@jsquash/webp/codec/dec/webp_dec.wasm',
  );
  const decoder = (await (kind === 'jpeg'
    ? import('@jsquash/jpeg/decode.js')
    : import('@jsquash/webp/decode.js'))) as unknown as PhotoDecoder;
  (globalThis as { ImageData?: unknown }).ImageData ??= PlainImageData; // the decoders make one, and Node has none
  try {
    // A fresh instance each time: one that failed must not be used again.
    await decoder.init(await WebAssembly.compile(await readFile(wasm)), { printErr: () => {} });
    const { width, height, data } = await decoder.default(bytes.buffer);
    return { width, height, rgba: new Uint8ClampedArray(data) };
  } catch (error) {
    throw new Failure('BadFile', `${file}: corrupt, it cannot be decoded as ${kind === 'jpeg' ? 'JPEG' : 'WebP'}.`, {
      cause: error,
    });
  }
}

class PlainImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(data: Uint8ClampedArray, width: number, height: number) {
    this.data = data;
    this.width = width;
    this.height = height;
  }
}
