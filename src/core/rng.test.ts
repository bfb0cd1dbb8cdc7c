import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CHOICE_LANE, gumbel, gumbelRow, randomBits, threefry, uniform } from './rng.ts';

const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('threefry', () => {
  // Known answers that the authors publish with Random123 (kat_vectors, threefry2x32 20).
  it.each([
    [
      [0, 0, 0, 0],
      [0x6b20_0159, 0x99ba_4efe],
    ],
    [
      [0xffff_ffff, 0xffff_ffff, 0xffff_ffff, 0xffff_ffff],
      [0x1cb9_96fc, 0xbb00_2be7],
    ],
    [
      [0x1319_8a2e, 0x0370_7344, 0x243f_6a88, 0x85a3_08d3],
      [0xc492_3a9c, 0x483d_f7a0],
    ],
  ])('gives the published words for %j', ([k0, k1, c0, c1], words) => {
    expect(threefry(k0!, k1!, c0!, c1!)).toEqual(words);
  });
});

describe('randomBits', () => {
  it('is a function of its address alone', () => {
    fc.assert(fc.property(u32, u32, u32, u32, (s, t, p, l) => randomBits(s, t, p, l) === randomBits(s, t, p, l)));
  });

  it('gives other bits when any one part of the address differs', () => {
    const all = [0, 1, 2].flatMap((s) =>
      [0, 1, 2].flatMap((t) => [0, 1, 2].flatMap((p) => [0, 1, 2, CHOICE_LANE].map((l) => randomBits(s, t, p, l)))),
    );
    expect(new Set(all).size).toBe(all.length);
  });
});

describe('uniform', () => {
  it('stays inside the open interval at both ends', () => {
    expect(uniform(0)).toBe(2 ** -24);
    expect(uniform(0xffff_ffff)).toBe(1 - 2 ** -24);
  });

  it('is exact in f32', () => {
    fc.assert(fc.property(u32, (bits) => Math.fround(uniform(bits)) === uniform(bits)));
  });

  it('has the mean and variance of a uniform distribution', () => {
    let sum = 0;
    let squares = 0;
    const count = 200_000;
    for (let i = 0; i < count; i++) {
      const u = uniform(randomBits(7, i % 8, i >> 3, i % 1024));
      sum += u;
      squares += (u - 0.5) ** 2;
    }
    expect(Math.abs(sum / count - 0.5)).toBeLessThan(4 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(squares / count - 1 / 12)).toBeLessThan(4 * Math.sqrt(1 / 180 / count));
  });
});

describe('gumbel', () => {
  it('is finite for every address', () => {
    fc.assert(fc.property(u32, u32, u32, u32, (s, t, p, l) => Math.abs(gumbel(s, t, p, l)) < 17));
  });

  it('gives the same numbers by the row as one by one', () => {
    for (const width of [1, 2, 7, 64]) {
      const row = gumbelRow(3, 4, 5, new Float32Array(width));
      expect([...row]).toEqual(Array.from(row, (_, lane) => gumbel(3, 4, 5, lane)));
    }
  });

  it('has the mean of the standard Gumbel distribution, Euler’s constant', () => {
    const count = 100_000;
    const mean = gumbelRow(1, 2, 3, new Float32Array(count)).reduce((a, b) => a + b, 0) / count;
    expect(Math.abs(mean - 0.577_215_66)).toBeLessThan(4 * Math.sqrt(Math.PI ** 2 / 6 / count));
  });
});
