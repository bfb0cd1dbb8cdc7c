import { describe, expect, it } from 'vitest';
import { e4m3ToFloat, floatToHalf, halfToFloat } from './half.ts';

describe('half precision', () => {
  it('survives the way to f32 and back, all 65,536 of it', () => {
    const wrong = [];
    for (let half = 0; half < 65_536; half++) {
      const value = halfToFloat(half);
      const back = floatToHalf(value);
      const isNaNHalf = (half & 0x7c00) === 0x7c00 && (half & 1023) !== 0;
      if (isNaNHalf ? !Number.isNaN(value) || !Number.isNaN(halfToFloat(back)) : back !== half)
        wrong.push({ half, back });
    }
    expect(wrong).toEqual([]);
  });

  it('takes the nearest half, and the even one of two equally near', () => {
    const wrong = [];
    for (let half = 0; half < 0x7bff; half++) {
      const low = halfToFloat(half);
      const high = halfToFloat(half + 1);
      const middle = (low + high) / 2; // exact in f32: one bit more than a half has
      const nudge = Math.max(middle * 2 ** -23, 2 ** -149);
      const found = [floatToHalf(middle - nudge), floatToHalf(middle), floatToHalf(middle + nudge)];
      const right = [half, half + (half % 2), half + 1];
      if (found.some((value, i) => value !== right[i])) wrong.push({ low, high, found, right });
    }
    expect(wrong).toEqual([]);
  });

  it('becomes infinite from 65,520 on and keeps its sign at zero', () => {
    expect(floatToHalf(65_519.99)).toBe(0x7bff);
    expect(floatToHalf(65_520)).toBe(0x7c00);
    expect(floatToHalf(-1e30)).toBe(0xfc00);
    expect(floatToHalf(-0)).toBe(0x8000);
    expect(halfToFloat(floatToHalf(NaN))).toBeNaN();
  });
});

describe('a float of 8 bits', () => {
  it('with four bits of exponent reaches from 2^-9 to 448, and has no infinity', () => {
    const some = [0x01, 0x08, 0x38, 0x7e, 0xfe, 0x80].map(e4m3ToFloat);
    expect(some).toEqual([2 ** -9, 2 ** -6, 1, 448, -448, -0]);
    expect([0x7f, 0xff].map(e4m3ToFloat)).toEqual([NaN, NaN]);
    const all = Array.from({ length: 127 }, (_, byte) => e4m3ToFloat(byte));
    expect(all.toSorted((a, b) => a - b)).toEqual(all);
  });
});
