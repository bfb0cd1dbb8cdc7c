import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../core/request.ts';
import { packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { plainCapabilities } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, type Inputs } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { cachedAttention } from './cachedAttention.ts';
import * as references from './cachedAttention.ref.ts';

interface Shape {
  readonly sequences: number;
  readonly queries?: number;
  readonly capacity: number;
  readonly heads: number;
  readonly headWidth: number;
}

/** Compare what comes out and what is remembered. @param step the place of a single query */
async function expectAttention(isFallback: boolean, step: number, shape: Shape, magnitude = 1): Promise<void> {
  const { sequences, queries = 1, capacity, heads, headWidth } = shape;
  const rec = new Recorder({ ...plainCapabilities, isFallback });
  const qkv = rec.state('qkv', [sequences * queries, 3 * heads * headWidth], 'f32');
  const keys = rec.state('keys', [sequences, heads, headWidth, capacity], 'f32');
  const values = rec.state('values', [sequences, heads, capacity, headWidth], 'f32');
  const stepParams = rec.state('stepParams', [STEP_PARAM_WORDS], 'u32');
  const y = cachedAttention(rec, qkv, { keys, values }, stepParams);
  const address = { seed: 1, step, masked: 0, nullRow: -1 };
  const inputs: Inputs = new Map<Tensor, NonNullable<ReturnType<Inputs['get']>>>([
    [qkv, normal(qkv.shape, 1, magnitude)],
    [keys, normal(keys.shape, 2, magnitude)],
    [values, normal(values.shape, 3, magnitude)],
    [stepParams, packStepParams(stepParamsOf(defaultSettings, address))],
  ]);
  await expectAgreement(rec, references, inputs, [y, keys, values], { abs: 2e-5 * magnitude, rel: 1e-5 });
}

describe.each([
  { isFallback: false, by: 'workgroup' },
  { isFallback: true, by: 'head' },
])('cachedAttention by $by', ({ isFallback }) => {
  it.each([
    { step: 0, shape: { sequences: 1, capacity: 1, heads: 1, headWidth: 1 }, why: 'one number' },
    { step: 0, shape: { sequences: 2, capacity: 9, heads: 3, headWidth: 7 }, why: 'the first place: its own value' },
    { step: 8, shape: { sequences: 2, capacity: 9, heads: 3, headWidth: 85 }, why: 'the last place, an odd head' },
    { step: 40, shape: { sequences: 2, capacity: 64, heads: 6, headWidth: 32 }, why: 'mini, guided' },
    { step: 127, shape: { sequences: 1, capacity: 256, heads: 2, headWidth: 128 }, why: 'a place a thread' },
    { step: 1023, shape: { sequences: 1, capacity: 1024, heads: 5, headWidth: 18 }, why: 'the most places' },
  ])('agrees with the reference at place $step of $shape: $why', async ({ step, shape }) => {
    await expectAttention(isFallback, step, shape);
  });

  it('gives several queries at once what each would see', async () => {
    await expectAttention(isFallback, 3, { sequences: 2, queries: 5, capacity: 9, heads: 3, headWidth: 20 });
    await expectAttention(isFallback, 0, { sequences: 1, queries: 150, capacity: 150, heads: 2, headWidth: 32 });
  });

  it('survives scores of hundreds of thousands: the largest takes all', async () => {
    await expectAttention(isFallback, 60, { sequences: 2, capacity: 64, heads: 2, headWidth: 32 }, 800);
  });

  it('stays in the cache whatever the step is', async () => {
    await expectAttention(isFallback, 1e9, { sequences: 1, capacity: 6, heads: 2, headWidth: 4 });
  });
});

describe('cachedAttention', () => {
  it('refuses more queries than places, and columns that are not query, key and value', () => {
    const rec = new Recorder();
    const keys = rec.state('keys', [2, 3, 4, 5], 'f32');
    const values = rec.state('values', [2, 3, 5, 4], 'f32');
    const stepParams = rec.state('stepParams', [STEP_PARAM_WORDS], 'u32');
    const attend = (rows: number, columns: number): unknown =>
      cachedAttention(rec, rec.scratch('qkv', [rows, columns]), { keys, values }, stepParams);
    expect(() => attend(12, 36)).toThrow('12 rows are not 2 sequences of at most 5 places');
    expect(() => attend(2, 35)).toThrow('qkv: shape [2, 35] does not fit');
  });
});
