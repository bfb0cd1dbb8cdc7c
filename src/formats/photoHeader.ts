import { exifOrientation, type Orientation } from './exif.ts';

/** What the header of a photograph says, before anything is decoded. */
export interface PhotoHeader {
  readonly width: number;
  readonly height: number;
  readonly orientation: Orientation;
  /** 1 grey, 3 colour, 4 CMYK; 4 for a WebP with alpha. */
  readonly channels: number;
  readonly animated: boolean;
}

export function isJpeg(bytes: Uint8Array): boolean {
  return bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
}

export function isWebp(bytes: Uint8Array): boolean {
  return textAt(bytes, 0, 4) === 'RIFF' && textAt(bytes, 8, 4) === 'WEBP';
}

/** The frame header and EXIF block of a JPEG; undefined when there is no frame. */
export function jpegHeader(bytes: Uint8Array): PhotoHeader | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let orientation: Orientation = 1;
  for (let at = 2; at + 4 <= bytes.byteLength;) {
    if (bytes[at] !== 0xff) return undefined;
    const marker = bytes[at + 1]!;
    if (marker === 0xff) {
      at++; // a fill byte
      continue;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) {
      at += 2; // markers without a segment
      continue;
    }
    if (marker === 0xd9 || marker === 0xda) return undefined; // the end, or pixels, before a frame
    const length = view.getUint16(at + 2);
    if (length < 2 || at + 2 + length > bytes.byteLength) return undefined;
    const segment = bytes.subarray(at + 4, at + 2 + length);
    if (marker === 0xe1 && textAt(segment, 0, 6) === 'Exif\0\0') orientation = exifOrientation(segment);
    if (isFrame(marker)) {
      if (segment.byteLength < 6) return undefined;
      const [height, width] = [view.getUint16(at + 5), view.getUint16(at + 7)];
      return { width, height, orientation, channels: segment[5]!, animated: false };
    }
    at += 2 + length;
  }
  return undefined;
}

/** SOF0 to SOF15, without the tables DHT, JPG and DAC that lie among them. */
function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}

/** Size, animation and EXIF of a WebP in any of its three kinds; undefined when the header is cut. */
export function webpHeader(bytes: Uint8Array): PhotoHeader | undefined {
  if (bytes.byteLength < 30) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const kind = textAt(bytes, 12, 4);
  const plain = { orientation: 1 as Orientation, channels: 3, animated: false };
  if (kind === 'VP8 ') {
    return { ...plain, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  }
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { ...plain, channels: 4, width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (kind !== 'VP8X') return undefined;
  const flags = bytes[20]!;
  return {
    width: (view.getUint32(24, true) & 0xffffff) + 1,
    height: (view.getUint32(26, true) >>> 8) + 1,
    orientation: webpOrientation(bytes, view),
    channels: flags & 0x10 ? 4 : 3,
    animated: (flags & 0x02) !== 0,
  };
}

function webpOrientation(bytes: Uint8Array, view: DataView): Orientation {
  for (let at = 12; at + 8 <= bytes.byteLength;) {
    const length = view.getUint32(at + 4, true);
    if (textAt(bytes, at, 4) === 'EXIF') return exifOrientation(bytes.subarray(at + 8, at + 8 + length));
    at += 8 + length + (length % 2);
  }
  return 1;
}

function textAt(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
