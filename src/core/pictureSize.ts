/** Width and height in pixels as a picture file's first bytes state them. */
export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The size of a PNG, JPEG, GIF or WebP out of its header, so that a huge picture can be refused before anybody
 * decodes it; undefined for other files and for headers that end too early.
 *
 * @param bytes the file's beginning; 64 KiB hold the size of nearly every JPEG too
 */
export function pictureSize(bytes: Uint8Array): PictureSize | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const has = (at: number, text: string): boolean =>
    at + text.length <= bytes.length && [...text].every((char, i) => bytes[at + i] === char.charCodeAt(0));
  try {
    if (has(1, 'PNG')) return { width: view.getUint32(16), height: view.getUint32(20) };
    if (has(0, 'GIF8')) return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (has(0, 'RIFF') && has(8, 'WEBP')) return webpSize(view, has);
    if (bytes[0] === 0xff && bytes[1] === 0xd8) return jpegSize(view);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error; // the header is longer than what we were given
  }
  return undefined;
}

/** WebP container specification (Google): lossy, lossless and extended forms keep the size in different places. */
function webpSize(view: DataView, has: (at: number, text: string) => boolean): PictureSize | undefined {
  const at14 = (at: number): number => view.getUint16(at, true) & 0x3fff;
  const plus24 = (at: number): number => (view.getUint32(at - 1, true) >>> 8) + 1;
  if (has(12, 'VP8 ')) return { width: at14(26), height: at14(28) };
  if (has(12, 'VP8X')) return { width: plus24(24), height: plus24(27) };
  if (!has(12, 'VP8L')) return undefined;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** The first start-of-frame segment (ITU T.81, B.2.2): markers C0 … CF but for C4, C8 and CC, which are tables. */
function jpegSize(view: DataView): PictureSize | undefined {
  for (let at = 2; at + 9 <= view.byteLength;) {
    if (view.getUint8(at) !== 0xff) return undefined;
    const marker = view.getUint8(at + 1);
    const isFill = marker === 0xff;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += isFill ? 1 : 2 + view.getUint16(at + 2);
  }
  return undefined;
}
