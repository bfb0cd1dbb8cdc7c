import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../core/request.ts';
import { packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, type Inputs } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { guide } from './guide.ts';
import * as references from './guide.ref.ts';

type Value = NonNullable<ReturnType<Inputs['get']>>;

function recordGuide([rows, positions, codebook]: readonly [number, number, number], scale: number, magnitude = 1) {
  const rec = new Recorder();
  const logits = rec.state('logits', [positions, rows, codebook], 'f32');
  const places = rec.state('places', [positions], 'i32');
  const stepParams = rec.state('stepParams', [STEP_PARAM_WORDS], 'u32');
  const rowOfPosition = rec.state('rowOfPosition', [positions], 'i32');
  const y = guide(rec, logits, { stepParams, places, rowOfPosition });
  const settings = { ...defaultSettings, guidanceScale: scale };
  const params = stepParamsOf(settings, { seed: 0, step: 0, masked: 0, nullRow: scale === 0 ? -1 : rows - 1 });
  const inputs: Inputs = new Map<Tensor, Value>([
    [logits, normal(logits.shape, 1, magnitude)],
    [stepParams, packStepParams(params)],
    // From the back, and nothing behind the first half.
    [places, Int32Array.from({ length: positions }, (_, i) => (2 * i < positions ? positions - 1 - i : -1))],
    [rowOfPosition, Int32Array.from({ length: positions }, (_, p) => p % rows)],
  ]);
  return { rec, inputs, y };
}

describe('guide', () => {
  it.each([
    { shape: [2, 1, 1], scale: 1, why: 'a single value' },
    { shape: [3, 5, 63], scale: 2.5, why: 'several classes, fewer codes than threads' },
    { shape: [3, 5, 65], scale: 0, why: 'several classes without guidance' },
    { shape: [2, 64, 1024], scale: 3, why: 'an 8 × 8 grid and the official codebook' },
  ] as const)('agrees with the reference on $shape: $why', async ({ shape, scale }) => {
    const { rec, inputs, y } = recordGuide(shape, scale);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-6 });
  });

  it('agrees with logits of ±800, within the rounding of the products', async () => {
    const { rec, inputs, y } = recordGuide([2, 3, 100], 3, 800);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-6 * 7 * 2400, rel: 1e-6 });
  });

  it('refuses a list of another length', () => {
    const rec = new Recorder();
    const state = (label: string, length: number) => rec.state(label, [length], 'i32');
    const inputs = { stepParams: state('s', STEP_PARAM_WORDS), places: state('p', 4), rowOfPosition: state('r', 4) };
    expect(() => guide(rec, rec.scratch('x', [5, 2, 8]), inputs)).toThrow('p: shape [4] does not fit [5]');
  });
});
