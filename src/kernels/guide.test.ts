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

type Size = readonly [rows: number, positions: number, codebook: number];

function recordGuide([rows, positions, codebook]: Size, scale: number, { magnitude = 1, pictures = 1 } = {}) {
  const rec = new Recorder();
  const logits = rec.state('logits', [positions, rows * pictures, codebook], 'f32');
  const places = rec.state('places', [positions, pictures], 'i32');
  const stepParams = rec.state('stepParams', [pictures, STEP_PARAM_WORDS], 'u32');
  const rowOfPosition = rec.state('rowOfPosition', [positions], 'i32');
  const y = guide(rec, logits, { stepParams, places, rowOfPosition });
  const nullRow = scale === 0 ? -1 : rows - 1;
  // Each picture a little differently, to tell them apart.
  const params = Array.from({ length: pictures }, (_, b) =>
    packStepParams(
      stepParamsOf({ ...defaultSettings, guidanceScale: scale + b }, { seed: 0, step: 0, masked: 0, nullRow }),
    ),
  );
  const inputs: Inputs = new Map<Tensor, Value>([
    [logits, normal(logits.shape, 1, magnitude)],
    [stepParams, Uint32Array.from(params.flatMap((words) => [...words]))],
    // From the back, and nothing behind the first half.
    [
      places,
      Int32Array.from({ length: positions * pictures }, (_, at) => {
        const [i, b] = [Math.floor(at / pictures), at % pictures];
        return 2 * i < positions ? (positions - 1 - i + b) % positions : -1;
      }),
    ],
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
    { shape: [3, 7, 65], scale: 2, pictures: 3, why: 'three pictures' },
    { shape: [2, 5, 10], scale: 0, pictures: 2, why: 'two pictures without guidance' },
  ] as const)('agrees with the reference on $shape: $why', async ({ shape, scale, ...at }) => {
    const { rec, inputs, y } = recordGuide(shape, scale, at);
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-5, rel: 1e-6 });
  });

  it('agrees with logits of ±800, within the rounding of the products', async () => {
    const { rec, inputs, y } = recordGuide([2, 3, 100], 3, { magnitude: 800 });
    await expectAgreement(rec, references, inputs, [y], { abs: 1e-6 * 7 * 2400, rel: 1e-6 });
  });

  it('refuses a list of another length', () => {
    const rec = new Recorder();
    const state = (label: string, ...shape: readonly number[]) => rec.state(label, shape, 'i32');
    const stepParams = state('s', 1, STEP_PARAM_WORDS);
    const inputs = { stepParams, places: state('p', 4, 1), rowOfPosition: state('r', 4) };
    expect(() => guide(rec, rec.scratch('x', [5, 2, 8]), inputs)).toThrow('p: shape [4, 1] does not fit [5, 1]');
  });
});
