import { describe, expect, it } from 'vitest';
import { loadGolden, type Golden } from '../testing/golden.ts';
import { MASK } from './grid.ts';
import { choiceScaleAt, isDone, sampleStep, start, type SamplerRun } from './sampler.ts';
import { defaultSettings, type SamplerSettings } from './request.ts';

const grid = { rows: 6, cols: 6 };
const codebook = 64;

/** Everything of one picture of the batch without the class token in front: [runs, positions, …]. */
function withoutClass(golden: Golden, name: string, batch: number): Float32Array {
  const { shape } = golden.tensor(name);
  const inner = shape.slice(3).reduce((a, b) => a * b, 1);
  const runs = Array.from({ length: shape[0]! }, (_, run) => [...golden.at(name, run, batch).subarray(inner)]);
  return Float32Array.from(runs.flat());
}

function replay(golden: Golden, batch: number, settings: SamplerSettings) {
  const noise = {
    drawNoise: withoutClass(golden, 'cat_noise', batch),
    choiceNoise: withoutClass(golden, 'choice_noise', batch),
  };
  const run: SamplerRun = { settings, seed: 0, grid, codebook, noise };
  const logits = withoutClass(golden, 'logits', batch);
  let state = start(settings, Int32Array.from(golden.at('input_tokens', batch).subarray(1)));
  const outcomes = [];
  for (let at = 0; !isDone(state, settings); at++) {
    const outcome = sampleStep(run, state, logits.subarray(at * 36 * codebook, (at + 1) * 36 * codebook));
    outcomes.push(outcome);
    state = outcome.state;
  }
  return { outcomes, state };
}

describe.each([
  { file: 'generate', settings: { ...defaultSettings, steps: 8 } },
  { file: 'edit', settings: { ...defaultSettings, steps: 12, startStep: 2 } },
])('the official sampler, replayed with its own noise: $file', ({ file, settings }) => {
  const golden = loadGolden(`official-a/${file}.safetensors`);

  describe.each([0, 1])('picture %i', (batch) => {
    const { outcomes, state } = replay(golden, batch, settings);

    it('executes the recorded steps', () => {
      expect(outcomes).toHaveLength(golden.tensor('mask_len').shape[0]!);
    });

    it('has every recorded guess, mask count and mask', () => {
      outcomes.forEach(({ guess, maskCount, state: after }, at) => {
        const sampled = [...golden.at('step_sampled', at, batch).subarray(1)];
        expect([...guess]).toEqual(sampled);
        expect(maskCount).toBe(golden.at('mask_len', at, batch)[0]);
        if (at === outcomes.length - 1) return; // the official mask of the last step has no effect
        const masking = golden.at('masking', at, batch).subarray(1);
        expect([...after.tokens]).toEqual(sampled.map((token, p) => (masking[p] === 1 ? MASK : token)));
        expect([...after.tokens]).toEqual([...golden.at('step_input', at + 1, batch).subarray(1)]);
      });
    });

    it('is as sure of every guess', () => {
      outcomes.forEach(({ confidence, logProb, guess, state: after }, at) => {
        const recorded = golden.at('confidence', at, batch).subarray(1);
        const probs = golden.at('selected_probs', at, batch).subarray(1);
        expect(choiceScaleAt(settings, after.step - 1)).toBeCloseTo(golden.f32('temperature')[at]!, 6);
        for (let p = 0; p < guess.length; p++) {
          if (recorded[p] === Infinity) expect(confidence[p]).toBe(Infinity);
          else expect(Math.abs(confidence[p]! - recorded[p]!)).toBeLessThan(1e-5);
          if (probs[p] !== Infinity) expect(Math.exp(logProb[p]!)).toBeCloseTo(probs[p]!, 5);
        }
      });
    });

    it('ends with the recorded picture', () => {
      expect([...state.tokens]).toEqual([...golden.at('final_tokens', batch)]);
    });
  });
});
