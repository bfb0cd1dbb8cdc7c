import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  haltonMaskCount,
  maskCount,
  maskedAfter,
  maskFraction,
  scheduleNames,
  type ScheduleName,
} from './schedules.ts';

type Count = (progress: { step: number; steps: number; unknownAtStart: number; unknown: number }) => number;

/** The counts of a whole run, and how many are masked after each step. */
function runCounts(count: Count, unknownAtStart: number, steps: number, start = 0) {
  const counts: number[] = [];
  const masked: number[] = [];
  let unknown = unknownAtStart;
  for (let step = start; step < steps; step++) {
    const progress = { step, steps, unknownAtStart, unknown };
    counts.push(count(progress));
    unknown = maskedAfter(counts.at(-1)!, progress);
    masked.push(unknown);
  }
  return { counts, masked };
}

const schedule = fc.constantFrom(...scheduleNames);

describe('maskCount', () => {
  it('equals every one of the official 1688 counts of the cosine schedule', () => {
    const url = new URL('../../golden/schedules/cosineMaskCounts.json', import.meta.url);
    const { tables } = JSON.parse(readFileSync(url, 'utf8')) as { tables: Record<string, number[]> };
    let rows = 0;
    for (const [name, expected] of Object.entries(tables)) {
      const [unknown, steps, start] = name.match(/\d+/g)!.map(Number) as [number, number, number];
      expect(runCounts((p) => maskCount('cosine', p), unknown, steps, start).counts, name).toEqual(expected);
      rows += expected.length;
    }
    expect(rows).toBe(1688);
  });

  it('fixes at least one token a step and leaves at least one until the last, for every schedule', () => {
    fc.assert(
      fc.property(
        schedule,
        fc.integer({ min: 1, max: 1024 }),
        fc.integer({ min: 1, max: 64 }),
        (name, unknown, steps) => {
          const counts = [unknown, ...runCounts((p) => maskCount(name, p), unknown, steps).masked];
          for (let i = 1; i < counts.length - 1; i++) {
            expect(counts[i]).toBeGreaterThanOrEqual(1);
            expect(counts[i]).toBeLessThanOrEqual(Math.max(1, counts[i - 1]! - 1));
          }
          expect(counts.at(-1)).toBe(0);
        },
      ),
    );
  });
});

describe('maskFraction', () => {
  it('falls from near 1 to near 0 and never rises, for every schedule', () => {
    const isCurve = (name: ScheduleName) => name !== 'arccosIncrements';
    fc.assert(
      fc.property(
        fc.constantFrom(...scheduleNames.filter(isCurve)),
        fc.integer({ min: 2, max: 1024 }),
        fc.double({ min: 0.001, max: 0.999, noNaN: true }),
        (name, n, r) => {
          const later = r + (1 - r) / 2;
          expect(maskFraction(name, r, n)).toBeGreaterThanOrEqual(maskFraction(name, later, n));
          expect(maskFraction(name, 1, n)).toBe(Math.fround(1e-6));
        },
      ),
    );
  });

  it.each([
    ['linear', 0.75],
    ['square', 0.9375],
    ['cubic', 0.984375],
    ['sqrt', 0.5],
    ['exponential', 1 - 256 ** -0.75],
    ['logarithmic', 0.25],
    ['arccos', Math.acos(0.25) / (Math.PI / 2)],
    ['cosine', Math.cos(Math.PI / 8)],
  ] as const)('is the formula of the paper: %s of ¼ with 256 tokens', (name, expected) => {
    expect(maskFraction(name, 0.25, 256)).toBeCloseTo(expected, 6);
  });
});

describe('arccosIncrements', () => {
  // adap_sche of Maskgit-pytorch, its formula evaluated in single precision.
  it.each([
    [256, 8, [1, 19, 45, 77, 115, 158, 206, 256]],
    [1024, 15, [1, 27, 65, 111, 165, 226, 293, 366, 445, 529, 618, 712, 811, 915, 1024]],
  ])('reveals as the sampler of valeo does: %i tokens in %i steps', (unknown, steps, revealed) => {
    const { masked } = runCounts((p) => maskCount('arccosIncrements', p), unknown, steps);
    expect(masked.map((count) => unknown - count)).toEqual(revealed);
  });
});

describe('haltonMaskCount', () => {
  it.each([
    [256, 8, [20, 41, 62, 85, 110, 138, 173, 256]],
    [256, 12, [13, 27, 41, 55, 70, 85, 101, 118, 138, 160, 188, 256]],
  ])('reveals as the Halton sampler does: %i tokens in %i steps', (unknown, steps, revealed) => {
    expect(runCounts(haltonMaskCount, unknown, steps).masked.map((masked) => unknown - masked)).toEqual(revealed);
  });
});
