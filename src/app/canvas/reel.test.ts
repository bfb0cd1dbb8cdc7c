import { describe, expect, it } from 'vitest';
import { changedPerStep, fixedCount, isCorrection, lastFrame, sureness, type Reel } from './reel.ts';

const step = (tokens: number[], logProb: number[]) => ({
  tokens: Int32Array.from(tokens),
  guess: Int32Array.from(tokens, (token) => Math.max(0, token)),
  logProb: Float32Array.from(logProb),
});

/** Two steps over 2 × 2: position 0 is fixed first, the others after it. */
const reel: Reel = {
  id: 'r',
  classId: 0,
  seed: 0,
  grid: { rows: 2, cols: 2 },
  steps: 2,
  done: [step([5, -1, -1, -1], [Math.log(0.5), Math.log(0.25), 0, 0]), step([5, 6, 7, 8], [0, Math.log(0.75), 0, 0])],
};

describe('a reel', () => {
  it('counts what each step fixed', () => {
    expect([0, 1, 2, 3].map((frame) => fixedCount(reel, frame))).toEqual([0, 1, 4, 4]);
    expect(changedPerStep(reel)).toEqual([1, 3]);
  });

  it('counts what a corrector step changed, and is as sure of what it went over as it was then', () => {
    const again = step([5, 9, 7, 8], [0, Math.log(0.9), Math.log(0.8), 0]);
    const corrected = { ...reel, steps: 3, done: [...reel.done, again] };
    expect(changedPerStep(corrected)).toEqual([1, 3, 1]);
    expect([1, 2, 3, 4].map((frame) => isCorrection(corrected, frame))).toEqual([false, false, true, false]);
    // The last open token may wait for the last step of the schedule.
    const waiting = step([5, -1, 7, 8], [0, Math.log(0.3), 0, 0]);
    expect(isCorrection({ ...reel, done: [reel.done[0]!, waiting, waiting] }, 3)).toBe(false);
    expect([...sureness(corrected, 3)].map((p) => p.toFixed(2))).toEqual(['0.50', '0.90', '0.80', '1.00']);
  });

  it('ends with its last step until there is a picture', () => {
    expect(lastFrame(reel)).toBe(2);
  });

  it('remembers how sure the model was when it fixed a token', () => {
    expect(sureness(reel, 0)).toEqual(new Float32Array(4).fill(NaN));
    expect([...sureness(reel, 1)].map((p) => p.toFixed(2))).toEqual(['0.50', '0.25', '1.00', '1.00']);
    // Position 0 was known before step 2: its probability stays that of step 1.
    expect([...sureness(reel, 2)].map((p) => p.toFixed(2))).toEqual(['0.50', '0.75', '1.00', '1.00']);
    expect(sureness(reel, 3)).toEqual(sureness(reel, 2));
  });
});
