import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pictureSize } from './pictureSize.ts';

const ascii = (text: string): number[] => [...text].map((char) => char.charCodeAt(0));
const be16 = (n: number): number[] => [n >> 8, n & 255];
const le16 = (n: number): number[] => [n & 255, n >> 8];
const be32 = (n: number): number[] => [...be16(n >>> 16), ...be16(n & 0xffff)];
const le24 = (n: number): number[] => [n & 255, (n >> 8) & 255, n >> 16];
const file = (...parts: number[][]): Uint8Array => Uint8Array.from(parts.flat());
const riff = (kind: string, ...rest: number[][]) =>
  file(ascii('RIFF'), be32(0), ascii('WEBP'), ascii(kind), be32(0), ...rest);

const files: Record<string, (width: number, height: number) => Uint8Array> = {
  PNG: (w, h) => file([0x89], ascii('PNG\r\n\x1a\n'), be32(13), ascii('IHDR'), be32(w), be32(h)),
  GIF: (w, h) => file(ascii('GIF89a'), le16(w), le16(h)),
  'JPEG after other segments': (w, h) =>
    file(
      [0xff, 0xd8, 0xff, 0xe0],
      be16(4),
      [1, 2],
      [0xff, 0xff, 0xc4],
      be16(3),
      [0],
      [0xff, 0xc2],
      be16(17),
      [8],
      be16(h),
      be16(w),
    ),
  'lossy WebP': (w, h) => riff('VP8 ', [0, 0, 0, 0x9d, 0x01, 0x2a], le16(w), le16(h)),
  'extended WebP': (w, h) => riff('VP8X', [0, 0, 0, 0], le24(w - 1), le24(h - 1)),
  'lossless WebP': (w, h) => {
    const bits = (w - 1) | ((h - 1) << 14);
    return riff('VP8L', [0x2f, bits & 255, (bits >> 8) & 255, (bits >> 16) & 255, (bits >>> 24) & 255]);
  },
};

test.each(Object.keys(files))('the size of a %s is read from its header', (kind) => {
  for (const [width, height] of [
    [1, 1],
    [640, 480],
    [12_000, 16_000],
  ] as const) {
    expect(pictureSize(files[kind]!(width, height))).toEqual({ width, height });
  }
});

test('a file that is cut anywhere, and any other bytes, give no size or a size but never an error', () => {
  for (const make of Object.values(files)) {
    const whole = make(640, 480);
    for (let length = 0; length < whole.length; length++)
      expect(() => pictureSize(whole.slice(0, length))).not.toThrow();
  }
  const starts = fc.constantFrom([], ...Object.values(files).map((make) => [...make(640, 480)].slice(0, 12)));
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 80 }), (start, rest) => {
      expect(() => pictureSize(Uint8Array.from([...start, ...rest]))).not.toThrow();
    }),
  );
});

test('text is no picture', () => expect(pictureSize(Uint8Array.from(ascii('hello, world')))).toBeUndefined());
