import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Failure } from '../core/failure.ts';
import type { Orientation } from '../formats/exif.ts';
import { fitted, readPicture, writePng } from './pictures.ts';
import { upright } from './upright.ts';

const folder = mkdtempSync(join(tmpdir(), 'unmask-pictures-'));
afterAll(() => rmSync(folder, { recursive: true }));
const golden = (name: string): string => new URL(`../../golden/pictures/${name}`, import.meta.url).pathname;
const put = (name: string, bytes: Uint8Array): string => {
  writeFileSync(join(folder, name), bytes);
  return join(folder, name);
};
/** The RGB bytes that Pillow reads from the same file. */
const pillow = (name: string): Uint8Array => new Uint8Array(readFileSync(golden(`${name}.rgb`)));
const rgbOf = (rgba: Uint8ClampedArray): Uint8Array => Uint8Array.from(rgba.filter((_, i) => i % 4 !== 3));

describe('a picture from a file', () => {
  for (const name of [
    'photo.png',
    'photo.jpg',
    'photo.webp',
    'lossless.webp',
    'turned.jpg',
    'turned.webp',
    'grey.jpg',
    'interlaced.png',
    'palette.png',
  ]) {
    it(`${name} has the pixels that Pillow sees`, async () => {
      const { width, height, rgba } = await readPicture(golden(name));
      expect([width, height]).toEqual([24, 16]);
      expect(rgbOf(rgba)).toEqual(pillow(name));
    });
  }

  it('with alpha lies over white', async () => {
    const file = join(folder, 'alpha.png');
    await writePng(file, { width: 2, height: 1, rgba: Uint8ClampedArray.of(0, 0, 0, 0, 100, 200, 0, 51) });
    expect([...(await readPicture(file)).rgba]).toEqual([255, 255, 255, 255, 224, 244, 204, 255]);
  });

  it('is resized as the reference does, which a picture of the right size does not notice', async () => {
    const picture = await readPicture(golden('photo.png'));
    expect(fitted({ ...picture, height: 24, width: 16 }, 8)).toMatchObject({ width: 8, height: 8 });
    const square = fitted(picture, 8);
    expect(fitted(square, 8)).toBe(square);
    expect(rgbOf(square.rgba)).toEqual(pillow('photo-8x8.png'));
  });

  const jpeg = new Uint8Array(readFileSync(golden('photo.jpg')));
  const webp = new Uint8Array(readFileSync(golden('photo.webp')));
  const refusals: [string, () => string, RegExp][] = [
    ['a text', () => put('text.png', Buffer.from('<html>')), /text\.png: it is not a PNG, JPEG or WebP picture/],
    ['an empty file', () => put('empty.jpg', new Uint8Array(0)), /empty\.jpg: it is not/],
    [
      'a file that is not there',
      () => join(folder, 'nowhere.png'),
      /nowhere\.png: it cannot be read \(there is no such file/,
    ],
    ['a folder', () => folder, /unmask-pictures-\w+: it is not a file/],
    ['a cut JPEG', () => put('cut.jpg', jpeg.subarray(0, 300)), /cut\.jpg: corrupt/],
    ['a cut WebP', () => put('cut.webp', webp.subarray(0, 60)), /cut\.webp: corrupt/],
    ['a CMYK JPEG', () => golden('cmyk.jpg'), /cmyk\.jpg: it is a CMYK picture/],
    ['an animated WebP', () => golden('animated.webp'), /animated\.webp: it is animated/],
    [
      'a JPEG of 65,500 × 65,500 pixels',
      () => put('huge.jpg', withSize(jpeg, 65_500)),
      /huge\.jpg: its size of 65500 × 65500 pixels is too large/,
    ],
    [
      'a JPEG of no pixels',
      () => put('none.jpg', withSize(jpeg, 0)),
      /none\.jpg: its size of 0 × 0 pixels holds nothing/,
    ],
  ];
  for (const [what, file, message] of refusals) {
    it(`is refused by name when it is ${what}`, async () => {
      const startMs = performance.now();
      await expect(readPicture(file())).rejects.toThrow(message);
      await expect(readPicture(file())).rejects.toBeInstanceOf(Failure);
      expect(performance.now() - startMs).toBeLessThan(2000);
    });
  }
});

/** A JPEG whose frame header lies about both sides. */
function withSize(jpeg: Uint8Array, side: number): Uint8Array {
  const bytes = Buffer.from(jpeg);
  const frame = bytes.indexOf(Buffer.from([0xff, 0xc0]));
  bytes.writeUInt16BE(side, frame + 5);
  bytes.writeUInt16BE(side, frame + 7);
  return bytes;
}

describe('turning a picture upright', () => {
  // The letters a b / c d / e f as they are stored, and as they are meant, for each EXIF orientation.
  const meant: [Orientation, string][] = [
    [1, 'ab/cd/ef'],
    [2, 'ba/dc/fe'],
    [3, 'fe/dc/ba'],
    [4, 'ef/cd/ab'],
    [5, 'ace/bdf'],
    [6, 'eca/fdb'],
    [7, 'fdb/eca'],
    [8, 'bdf/ace'],
  ];
  for (const [orientation, wanted] of meant) {
    it(`makes ${wanted} of ab/cd/ef for orientation ${orientation}`, () => {
      const rgba = Uint8ClampedArray.from([...'abcdef'].flatMap((letter) => [letter.charCodeAt(0), 0, 0, 255]));
      const { width, rgba: turned } = upright({ width: 2, height: 3, rgba }, orientation);
      const letters = [...turned].filter((_, i) => i % 4 === 0).map((code) => String.fromCharCode(code));
      const rows = Array.from({ length: 6 / width }, (_, row) =>
        letters.slice(row * width, (row + 1) * width).join(''),
      );
      expect(rows.join('/')).toBe(wanted);
    });
  }
});
