import { deflateSync, inflateSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Picture } from '../core/engine.ts';
import { crc32 } from './crc32.ts';
import { decodePng, pngSize, type Inflate } from './pngDecode.ts';
import { encodePng } from './pngEncode.ts';
import { pngTexts } from './pngText.ts';

const inflate: Inflate = (bytes, limit) => inflateSync(bytes, { maxOutputLength: Math.max(limit, 1) });
const deflate = (bytes: Uint8Array): Uint8Array => deflateSync(bytes);

describe('PNG', () => {
  it('keeps every pixel through encode and decode, opaque or not', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        fc.nat(),
        async (width, height, opaque, seed) => {
          const rgba = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) =>
            opaque && i % 4 === 3 ? 255 : (seed * 31 + i * i * 7) % 256,
          );
          const bytes = await encodePng({ width, height, rgba }, deflate);
          expect(pngSize(bytes, 'mine.png')).toMatchObject({ width, height });
          expect(await decodePng(bytes, 'mine.png', inflate)).toEqual({ width, height, rgba });
        },
      ),
      { numRuns: 100 },
    );
  });

  it('carries a recipe in text that other programs show too', async () => {
    const recipe = '{"class":"Füchse 🦊","seed":7}';
    const bytes = await encodePng(dot, deflate, { unmask: recipe, Software: 'Unmask' });
    expect([...pngTexts(bytes, 'mine.png')]).toEqual([
      ['unmask', recipe],
      ['Software', 'Unmask'],
    ]);
    await expect(encodePng(dot, deflate, { '': 'x' })).rejects.toThrow(RangeError);
  });

  it('reads what other programs write: few bits, palettes, transparency, 16 bits, grey, interlaced', async () => {
    // Two pixels beside each other in each; raw lines begin with their filter.
    const cases: [string, Parameters<typeof handmade>[0], number[]][] = [
      ['1-bit grey', { depth: 1, colorType: 0, raw: [0, 0b01000000] }, [0, 0, 0, 255, 255, 255, 255, 255]],
      ['2-bit grey', { depth: 2, colorType: 0, raw: [0, 0b01100000] }, [85, 85, 85, 255, 170, 170, 170, 255]],
      [
        '16-bit grey with a clear colour',
        { depth: 16, colorType: 0, raw: [0, 1, 2, 3, 4], trns: [1, 2] },
        [1, 1, 1, 0, 3, 3, 3, 255],
      ],
      ['8-bit RGB, filter left', { depth: 8, colorType: 2, raw: [1, 1, 2, 3, 1, 1, 1] }, [1, 2, 3, 255, 2, 3, 4, 255]],
      [
        '4-bit palette',
        { depth: 4, colorType: 3, raw: [0, 0x10], plte: [9, 8, 7, 6, 5, 4], trns: [128] },
        [6, 5, 4, 255, 9, 8, 7, 128],
      ],
      ['grey and alpha', { depth: 8, colorType: 4, raw: [0, 7, 8, 9, 10] }, [7, 7, 7, 8, 9, 9, 9, 10]],
      [
        '16-bit RGBA',
        { depth: 16, colorType: 6, raw: [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 9, 6, 9, 7, 9, 8, 9] },
        [1, 2, 3, 4, 5, 6, 7, 8],
      ],
      // Passes 1 and 6 of Adam7 hold the two pixels, each its own line with its own filter byte.
      ['interlaced', { depth: 8, colorType: 0, raw: [0, 5, 0, 6], interlace: 1 }, [5, 5, 5, 255, 6, 6, 6, 255]],
    ];
    for (const [what, file, rgba] of cases) {
      expect([what, ...(await decodePng(handmade(file), what, inflate)).rgba]).toEqual([what, ...rgba]);
    }
  });

  it('is refused over the pixel limit before anything is inflated', async () => {
    const never: Inflate = () => expect.fail('inflated');
    await expect(decodePng(await encodePng(dot, deflate), 'big.png', never, 0)).rejects.toThrow(
      /big.png: its size of 1 × 1 pixels is too large/,
    );
  });
});

const dot: Picture = { width: 1, height: 1, rgba: Uint8ClampedArray.of(1, 2, 3, 255) };

interface Handmade {
  readonly depth: number;
  readonly colorType: number;
  readonly raw: number[];
  readonly plte?: number[];
  readonly trns?: number[];
  readonly interlace?: number;
}

/** A PNG of 2 × 1 pixels put together by hand. */
function handmade({ depth, colorType, raw, plte, trns, interlace = 0 }: Handmade): Uint8Array {
  const chunk = (type: string, data: Iterable<number>): Buffer => {
    const body = Buffer.from([...Buffer.from(type), ...data]);
    const framed = Buffer.alloc(body.byteLength + 8);
    framed.writeUInt32BE(body.byteLength - 4);
    body.copy(framed, 4);
    framed.writeUInt32BE(crc32(body), body.byteLength + 4);
    return framed;
  };
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10]),
    chunk('IHDR', [0, 0, 0, 2, 0, 0, 0, 1, depth, colorType, 0, 0, interlace]),
    ...(plte ? [chunk('PLTE', plte)] : []),
    ...(trns ? [chunk('tRNS', trns)] : []),
    chunk('IDAT', deflateSync(Buffer.from(raw))),
    chunk('IEND', []),
  ]);
}
