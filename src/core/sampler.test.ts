import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { drawTokens } from './draw.ts';
import { blankTokens, MASK } from './grid.ts';
import { haltonOrder } from './halton.ts';
import { defaultSettings, type SamplerSettings } from './request.ts';
import { gumbel } from './rng.ts';
import { scheduleNames } from './schedules.ts';
import {
  advance,
  countMasked,
  inputTokens,
  isDone,
  sampleStep,
  start,
  stepCounts,
  type SamplerRun,
  type SamplerState,
} from './sampler.ts';

const grid = { rows: 4, cols: 5 };
const positions = 20;
const codebook = 7;

/** Logits that depend on the tokens, as a network's do: a change of one token changes every later draw. */
function network(tokens: Int32Array): Float32Array {
  const sum = tokens.reduce((a, b) => a + b, 0);
  return Float32Array.from({ length: tokens.length * codebook }, (_, i) => gumbel(sum + tokens.length, 0, i, 0));
}

function runOf(settings: Partial<SamplerSettings> = {}, more: Partial<SamplerRun> = {}): SamplerRun {
  return { settings: { ...defaultSettings, ...settings }, seed: 1, grid, codebook, ...more };
}

/** All states of a run, the one at the start first. */
function states(run: SamplerRun, from: SamplerState): SamplerState[] {
  const all = [from];
  while (!isDone(all.at(-1)!, run.settings)) {
    all.push(sampleStep(run, all.at(-1)!, network(inputTokens(run, all.at(-1)!))).state);
  }
  return all;
}

const anySettings: fc.Arbitrary<SamplerSettings> = fc.record({
  steps: fc.integer({ min: 1, max: 24 }),
  startStep: fc.constant(0),
  schedule: fc.constantFrom(...scheduleNames),
  temperature: fc.constantFrom(0, 0.5, 1, 3),
  temperatureRamp: fc.constantFrom('constant', 'annealed'),
  choiceTemperature: fc.constantFrom(0, 4.5, 30),
  annealing: fc.constantFrom('after', 'before'),
  score: fc.constantFrom('logProb', 'logit'),
  guidanceScale: fc.constant(0),
  guidanceRamp: fc.constant('constant'),
  order: fc.constantFrom('confidence', 'halton', 'raster'),
  corrections: fc.constantFrom(0, 0, 1, 3, 6),
});
const anySeed = fc.integer({ min: 0, max: 0xffff_ffff });
const anyTokens = fc
  .array(fc.oneof(fc.constant(MASK), fc.integer({ min: 0, max: codebook - 1 })), {
    minLength: positions,
    maxLength: positions,
  })
  .map((tokens) => Int32Array.from(tokens));

describe('a run', () => {
  it('keeps known tokens, fixes at least one a step, leaves at least one until the last, and none after it', () => {
    fc.assert(
      fc.property(anySettings, anySeed, anyTokens, (settings, seed, tokens) => {
        const run = runOf(settings, { seed });
        const all = states(run, start(run.settings, tokens));
        for (let i = 1; i < all.length; i++) {
          const [before, after] = [all[i - 1]!, all[i]!];
          tokens.forEach((token, p) => token !== MASK && expect(after.tokens[p]).toBe(token));
          const [had, has] = [countMasked(before.tokens), countMasked(after.tokens)];
          if (before.step >= settings.steps - 1) expect(has).toBe(0);
          else expect(has > 0 && (has < had || had === 1)).toBe(true); // a single one waits for the last step
          if (before.step >= settings.steps) continue;
          before.tokens.forEach((token, p) => token !== MASK && expect(after.tokens[p]).toBe(token));
        }
        expect(countMasked(all.at(-1)!.tokens)).toBe(0);
      }),
    );
  });

  it('has the counts that are foretold before it starts, from any state', () => {
    fc.assert(
      fc.property(anySettings, anyTokens, fc.nat(), (settings, tokens, cut) => {
        const all = states(runOf(settings), start(settings, tokens));
        const from = cut % all.length;
        const run = runOf(settings);
        const left = all.slice(from, -1);
        expect(stepCounts(settings, all[from]!, grid)).toMatchObject(
          left.map((state, i) => ({
            step: state.step,
            unknown: countMasked(inputTokens(run, state)),
            masked: countMasked(all[from + i + 1]!.tokens),
          })),
        );
      }),
    );
  });

  it('that is cut after any step and resumed from its state equals the uncut run', () => {
    fc.assert(
      fc.property(anySettings, anySeed, fc.nat(), (settings, seed, cut) => {
        const run = runOf(settings, { seed });
        const all = states(run, start(run.settings, blankTokens(grid)));
        const at = cut % all.length;
        const saved = structuredClone(all[at]!);
        expect(states(run, saved)).toEqual(all.slice(at));
      }),
    );
  });

  it('is corrected a half at a time: what is painted there is the likeliest code, given the rest', () => {
    const known = Int32Array.from({ length: positions }, (_, p) => (p % 5 === 0 ? 2 : MASK));
    const run = runOf({ steps: 3, corrections: 9, temperature: 1, choiceTemperature: 30, guidanceScale: 0 });
    const all = states(run, start(run.settings, known));
    expect(all).toHaveLength(1 + 3 + 9);
    for (let i = 4; i < all.length; i++) {
      const [before, after] = [all[i - 1]!, all[i]!];
      const size = (i - 4) % 4 < 2 ? 1 : 2;
      const isOpen = (p: number): boolean =>
        known[p] === MASK && (Math.floor(p / 5 / size) + Math.floor((p % 5) / size)) % 2 === i % 2;
      const logits = network(before.tokens.map((token, p) => (isOpen(p) ? MASK : token)));
      after.tokens.forEach((token, p) => {
        const row = [...logits.subarray(p * codebook, (p + 1) * codebook)];
        expect(token).toBe(isOpen(p) ? row.indexOf(Math.max(...row)) : before.tokens[p]);
      });
    }
  });

  it('leaves out corrector steps that have nothing to do', () => {
    const tokens = new Int32Array(positions).fill(1);
    tokens[0] = MASK; // of the first colour of both chequerboards
    const run = runOf({ steps: 1, corrections: 5 });
    expect(stepCounts(run.settings, start(run.settings, tokens), grid).map(({ step }) => step)).toEqual([0, 1, 3, 5]);
    expect(states(run, start(run.settings, tokens)).map(({ step }) => step)).toEqual([0, 1, 3, 5, 6]);
  });

  it('of another seed is another picture', () => {
    const ends = [1, 2, 3, 4, 5].map((seed) =>
      states(runOf({}, { seed }), start(defaultSettings, blankTokens(grid))).at(-1)!,
    );
    expect(new Set(ends.map((end) => end.tokens.join())).size).toBe(5);
  });

  it('never draws a banned code', () => {
    const banned = Uint8Array.from([1, 1, 0, 1, 1, 0, 1]);
    const end = states(runOf({}, { banned }), start(defaultSettings, blankTokens(grid))).at(-1)!;
    expect(new Set(end.tokens)).toEqual(new Set([2, 5]));
  });

  it('in Halton order fixes the positions of the sequence, walking over those that were known', () => {
    const order = haltonOrder(grid);
    const tokens = blankTokens(grid);
    for (const p of [order[0]!, order[2]!]) tokens[p] = 3;
    const run = runOf({ order: 'halton', schedule: 'arccos', steps: 6 });
    for (const state of states(run, start(run.settings, tokens))) {
      const fixed = positions - countMasked(state.tokens);
      const early = new Set([order[0]!, order[2]!, ...order.subarray(0, Math.max(fixed, fixed > 2 ? 3 : 0))]);
      state.tokens.forEach((token, p) => token !== MASK && expect(early).toContain(p));
    }
  });

  it('in raster order and as many steps as tokens fixes one a step, row by row', () => {
    const grid = { rows: 8, cols: 8 };
    const run = { ...runOf({ order: 'raster', schedule: 'linear', steps: 64 }), grid };
    states(run, start(run.settings, blankTokens(grid))).forEach((state, step) => {
      expect(countMasked(state.tokens)).toBe(64 - step);
      expect(state.tokens.indexOf(MASK)).toBe(step === 64 ? -1 : step);
    });
  });

  it('fixes the surest tokens first when there is no choice noise', () => {
    const run = runOf({ choiceTemperature: 0, steps: 4 });
    const state = start(run.settings, blankTokens(grid));
    const logProb = Float32Array.from({ length: positions }, (_, p) => p - positions);
    const { state: after } = advance(run, state, { guess: new Int32Array(positions), logProb, logit: logProb });
    const masked = Math.floor(positions * Math.cos(Math.PI / 8));
    expect([...after.tokens]).toEqual(Array.from(logProb, (_, p) => (p < masked ? MASK : 0)));
  });

  it('masks exactly as many when all are equally sure, the lower positions first', () => {
    const run = runOf({ choiceTemperature: 0, steps: 4 });
    const logProb = new Float32Array(positions).fill(-Infinity);
    const proposal = { guess: new Int32Array(positions), logProb, logit: logProb };
    const { state, maskCount } = advance(run, start(run.settings, blankTokens(grid)), proposal);
    expect([...state.tokens]).toEqual(Array.from(proposal.guess, (_, p) => (p < maskCount ? MASK : 0)));
  });

  it('is refused when it cannot be sampled', () => {
    const tokens = blankTokens(grid);
    expect(() => start({ ...defaultSettings, steps: 0 }, tokens)).toThrow('steps is 0; ask for at least 1');
    expect(() => start({ ...defaultSettings, startStep: 8 }, tokens)).toThrow('startStep is 8; it must be 0 to 7');
    const all = runOf({}, { banned: new Uint8Array(codebook).fill(1) });
    expect(() => sampleStep(all, start(all.settings, tokens), network(tokens))).toThrow('bannedCodes bans all 7 codes');
  });
});

describe('drawTokens', () => {
  const logits = Float32Array.from([0, 1, 2, -Infinity]);
  const count = 20_000;
  const draw = (temperature: number, banned?: Uint8Array): number[] => {
    const tokens = new Int32Array(count).fill(MASK);
    const rows = Float32Array.from({ length: count * 4 }, (_, i) => logits[i % 4]!);
    const { guess } = drawTokens(rows, tokens, { seed: 9, step: 0, temperature, ...(banned && { banned }) });
    return [0, 1, 2, 3].map((code) => guess.filter((g) => g === code).length);
  };
  const expected = (temperature: number, allowed: number[]) => {
    const weights = [...logits].map((l, code) => (allowed.includes(code) ? Math.exp(l / temperature) : 0));
    const sum = weights.reduce((a, b) => a + b);
    return weights.map((w) => (count * w) / sum);
  };

  it.each([0.5, 1, 2])('draws from the softmax at temperature %f', (temperature) => {
    const frequencies = expected(temperature, [0, 1, 2, 3]);
    draw(temperature).forEach((n, code) => {
      expect(Math.abs(n - frequencies[code]!)).toBeLessThanOrEqual(4 * Math.sqrt(frequencies[code]!));
    });
  });

  it('takes the likeliest code at temperature 0', () => {
    expect(draw(0)).toEqual([0, 0, count, 0]);
  });

  it('shares a banned code’s probability among the others, in draw and in logProb', () => {
    const banned = Uint8Array.from([0, 0, 1, 0]);
    const frequencies = expected(1, [0, 1, 3]);
    draw(1, banned).forEach((n, code) => {
      expect(Math.abs(n - frequencies[code]!)).toBeLessThanOrEqual(4 * Math.sqrt(frequencies[code]!));
    });
    const one = drawTokens(logits, Int32Array.of(MASK), { seed: 1, step: 0, temperature: 1, banned });
    expect(one.logProb[0]).toBeCloseTo(Math.log(frequencies[one.guess[0]!]! / count), 5);
  });

  it('offers known tokens as they are', () => {
    const tokens = Int32Array.of(3);
    expect(drawTokens(logits, tokens, { seed: 1, step: 0, temperature: 1 })).toEqual({
      guess: tokens,
      logProb: Float32Array.of(0),
      logit: Float32Array.of(0),
    });
  });

  it('is finite for logits of ±800 and for equal ones', () => {
    for (const row of [
      [800, -800, 0],
      [-800, -800, -800],
      [800, 800, 800],
    ]) {
      const { logProb } = drawTokens(Float32Array.from(row), Int32Array.of(MASK), { seed: 1, step: 0, temperature: 1 });
      expect(Number.isFinite(logProb[0]), row.join()).toBe(true);
    }
  });
});
