import { describe, expect, it } from 'vitest';
import { MASK } from './grid.ts';
import { classRows, guidanceAt, guide, NULL_CLASS, withoutNullRow } from './guidance.ts';
import { defaultSettings, type GenerateRequest } from './request.ts';

const request = (more: Partial<GenerateRequest>): GenerateRequest => ({
  classId: 3,
  seed: 0,
  settings: defaultSettings,
  ...more,
});
const guided = { ...defaultSettings, guidanceScale: 2 };

describe('classRows', () => {
  it('asks for each wanted class once, and for none that only known positions have', () => {
    const classOfPosition = Int32Array.of(7, 5, 3, 5, 9);
    const rows = classRows(request({ classOfPosition }), Int32Array.of(MASK, MASK, MASK, MASK, 1));
    expect(rows).toEqual({ classes: [7, 5, 3], rowOfPosition: Int32Array.of(0, 1, 2, 1, 0), nullRow: -1 });
  });

  it('adds the null class when the run is guided, and uses it once when it is also wanted', () => {
    const tokens = Int32Array.of(MASK, 1);
    expect(classRows(request({ settings: guided }), tokens)).toMatchObject({ classes: [3, NULL_CLASS], nullRow: 1 });
    const unconditional = classRows(request({ settings: guided, classId: NULL_CLASS }), tokens);
    expect(unconditional).toMatchObject({ classes: [NULL_CLASS], nullRow: 0 });
  });
});

describe('withoutNullRow', () => {
  const guidedRows = (more: Partial<GenerateRequest>) =>
    classRows(request({ settings: guided, ...more }), Int32Array.of(MASK, MASK));

  it('spares the row of no class, unless a position is painted as it or nobody is guided', () => {
    expect(withoutNullRow(guidedRows({}))).toEqual({ classes: [3], rowOfPosition: Int32Array.of(0, 0), nullRow: -1 });
    expect(withoutNullRow(guidedRows({ classOfPosition: Int32Array.of(4, NULL_CLASS) }))).toBeUndefined();
    expect(withoutNullRow(guidedRows({ classId: NULL_CLASS }))).toBeUndefined();
    expect(withoutNullRow(guidedRows({ settings: defaultSettings }))).toBeUndefined();
  });
});

describe('guide', () => {
  const rows = { classes: [3, 4, -1], rowOfPosition: Int32Array.of(1, 0), nullRow: 2 };
  // [3 rows, 2 positions, 2 codes]
  const logits = Float32Array.of(1, 2, 3, 4, 10, 20, 30, 40, 5, 5, 5, 5);

  it('is (1 + w) · conditional − w · unconditional of the class of each position', () => {
    expect([...guide(logits, rows, 2, 2)]).toEqual([20, 50, -1, 2]);
  });

  it('is the conditional logits at w = 0 and without a null row', () => {
    expect([...guide(logits, rows, 2, 0)]).toEqual([10, 20, 3, 4]);
    expect([...guide(logits, { ...rows, nullRow: -1 }, 2, 2)]).toEqual([10, 20, 3, 4]);
  });
});

describe('guidanceAt', () => {
  it('is constant, or grows from nothing to w', () => {
    expect([0, 3, 7].map((step) => guidanceAt(guided, step))).toEqual([2, 2, 2]);
    const ramp = { ...guided, guidanceRamp: 'linear', steps: 5 } as const;
    expect([0, 1, 2, 4].map((step) => guidanceAt(ramp, step))).toEqual([0, 0.5, 1, 2]);
    expect(guidanceAt({ ...ramp, steps: 1 }, 0)).toBe(2);
  });

  it('is 1 at most in corrector steps, whatever the ramp', () => {
    const corrected = { ...guided, steps: 5, corrections: 4 };
    expect([4, 5, 8].map((step) => guidanceAt(corrected, step))).toEqual([2, 1, 1]);
    expect(guidanceAt({ ...corrected, guidanceScale: 0.5, guidanceRamp: 'linear' }, 5)).toBe(0.5);
  });
});
