import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gaussianBlur, resizeBicubic, type Samples } from './resample.ts';

interface Case {
  readonly kind: 'resize' | 'blur';
  readonly shape: readonly [number, number, number];
  readonly to: readonly [number, number];
  readonly sigma: number;
  readonly input: string;
  readonly output: string;
}

const bytes = (hex: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(hex, 'hex'));
const url = new URL('../../golden/pillow/resample.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(url, 'utf8')) as { cases: Case[] };
const samples = ({ shape: [height, width, channels], input }: Case): Samples => ({
  height,
  width,
  channels,
  data: bytes(input),
});

describe('resizeBicubic', () => {
  it.each(cases.filter((c) => c.kind === 'resize'))('equals Pillow in every byte: $shape to $to', (c) => {
    const [height, width] = c.to;
    expect(resizeBicubic(samples(c), width, height)).toEqual({ height, width, channels: 3, data: bytes(c.output) });
  });

  it('keeps one colour one colour at any size', () => {
    const side = fc.integer({ min: 1, max: 40 });
    fc.assert(
      fc.property(
        side,
        side,
        side,
        side,
        fc.integer({ min: 0, max: 255 }),
        (width, height, toWidth, toHeight, value) => {
          const picture = { width, height, channels: 1, data: new Uint8Array(width * height).fill(value) };
          expect(new Set(resizeBicubic(picture, toWidth, toHeight).data)).toEqual(new Set([value]));
        },
      ),
    );
  });
});

describe('gaussianBlur', () => {
  it.each(cases.filter((c) => c.kind === 'blur'))('equals Pillow in every byte: $shape, sigma $sigma', (c) => {
    expect(gaussianBlur(samples(c), c.sigma).data).toEqual(bytes(c.output));
  });
});
