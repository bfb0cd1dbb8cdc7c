import { describe, expect, it } from 'vitest';
import { MASK } from '../core/grid.ts';
import { defaultSettings } from '../core/request.ts';
import { packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, runOnDevice, typed, type Inputs } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { drawTokens } from './drawTokens.ts';
import * as drawReferences from './drawTokens.ref.ts';
import { listMasked } from './listMasked.ts';
import * as listReferences from './listMasked.ref.ts';

const references = { ...drawReferences, ...listReferences };

type Value = NonNullable<ReturnType<Inputs['get']>>;

interface Case {
  readonly positions: number;
  readonly codebook: number;
  readonly pictures?: number;
  readonly logits?: Float32Array<ArrayBuffer>;
  readonly temperature?: number;
  readonly drawNoise?: Float32Array<ArrayBuffer>;
  readonly banned?: (code: number) => boolean;
}

function recordDraw({ positions, codebook, pictures = 1, temperature = 1, ...values }: Case) {
  const { banned = () => false } = values;
  const rec = new Recorder();
  const grid = [pictures, positions];
  const logits = rec.state('logits', [positions * pictures, codebook], 'f32');
  const stepParams = rec.state('stepParams', [pictures, STEP_PARAM_WORDS], 'u32');
  const tokens = rec.state('tokens', grid, 'i32');
  const bans = rec.state('banned', [codebook], 'u32');
  const drawNoise = values.drawNoise ? rec.state('drawNoise', [...grid, codebook], 'f32') : undefined;
  const guess = rec.scratch('guess', grid, 'i32');
  const [logProb, logit] = [rec.scratch('logProb', grid), rec.scratch('logit', grid)];
  // Row i of a picture's logits belongs to its i-th masked position; the rows behind are nobody's.
  const places = listMasked(rec, tokens, { guess, logProb });
  const given = { stepParams, places, banned: bans, ...(drawNoise && { drawNoise }) };
  drawTokens(rec, logits, given, { guess, logProb, logit });
  const settings = { ...defaultSettings, temperature };
  const params = Array.from({ length: pictures }, (_, b) =>
    packStepParams(stepParamsOf(settings, { seed: 77 + b, step: 3, masked: 0, nullRow: -1 })),
  );
  const inputs: Inputs = new Map<Tensor, Value>([
    [logits, values.logits ?? normal(logits.shape, 1, 2)],
    [stepParams, Uint32Array.from(params.flatMap((words) => [...words]))],
    // Every fifth token is known.
    [tokens, Int32Array.from({ length: pictures * positions }, (_, p) => (p % 5 === 4 ? p % codebook : MASK))],
    [bans, Uint32Array.from({ length: codebook }, (_, code) => (banned(code) ? 1 : 0))],
    ...(drawNoise ? [[drawNoise, values.drawNoise!] as const] : []),
  ]);
  return { rec, inputs, outputs: [guess, logProb, logit] as const };
}

const tolerance = { abs: 1e-5, rel: 1e-6 };

describe('drawTokens', () => {
  it.each([
    { positions: 1, codebook: 1, why: 'one code' },
    { positions: 6, codebook: 63, why: 'fewer codes than threads, an odd number' },
    { positions: 6, codebook: 129, why: 'one more than two codes a thread' },
    { positions: 64, codebook: 1024, why: 'an 8 × 8 grid and the official codebook' },
  ])('draws as the reference on [$positions, $codebook]: $why', async ({ positions, codebook }) => {
    const { rec, inputs, outputs } = recordDraw({ positions, codebook });
    await expectAgreement(rec, references, inputs, outputs, tolerance);
  });

  it('draws as the reference with noise handed in', async () => {
    const { rec, inputs, outputs } = recordDraw({ positions: 9, codebook: 70, drawNoise: normal([9, 70], 5, 3) });
    await expectAgreement(rec, references, inputs, outputs, tolerance);
  });

  it('draws for several pictures, each by its own seed and list', async () => {
    for (const drawNoise of [undefined, normal([3, 9, 70], 5, 3)]) {
      const { rec, inputs, outputs } = recordDraw({
        positions: 9,
        codebook: 70,
        pictures: 3,
        ...(drawNoise && { drawNoise }),
      });
      await expectAgreement(rec, references, inputs, outputs, tolerance);
    }
  });

  it.each([0, 0.3, 2.5])('draws as the reference at temperature %f', async (temperature) => {
    const { rec, inputs, outputs } = recordDraw({ positions: 9, codebook: 100, temperature });
    await expectAgreement(rec, references, inputs, outputs, tolerance);
  });

  it('draws as the reference from logits of ±800 and from equal logits', async () => {
    for (const logits of [normal([9, 100], 4, 800), new Float32Array(900).fill(-800), new Float32Array(900)]) {
      const { rec, inputs, outputs } = recordDraw({ positions: 9, codebook: 100, logits });
      await expectAgreement(rec, references, inputs, outputs, tolerance);
    }
  });

  it('takes the lowest code of equals', async () => {
    const { rec, inputs, outputs } = recordDraw({
      positions: 4,
      codebook: 200,
      logits: new Float32Array(800),
      temperature: 0,
      banned: (code) => code < 7,
    });
    outputs.forEach((tensor) => rec.keep(tensor));
    const [guess] = await runOnDevice(rec.finish('ties'), inputs, outputs);
    expect([...typed(outputs[0], guess!)]).toEqual([7, 7, 7, 7]);
  });

  it('never draws a banned code, even when one alone is left', async () => {
    for (const banned of [(code: number) => code % 3 === 0, (code: number) => code !== 41]) {
      const { rec, inputs, outputs } = recordDraw({ positions: 14, codebook: 99, banned });
      await expectAgreement(rec, references, inputs, outputs, tolerance);
    }
  });

  it('refuses bans of another codebook', () => {
    const rec = new Recorder();
    const state = (label: string, ...shape: readonly number[]) => rec.state(label, shape, 'u32');
    const inputs = { stepParams: state('s', 1, STEP_PARAM_WORDS), places: state('p', 4, 1), banned: state('b', 9) };
    const outputs = { guess: state('g', 1, 4), logProb: state('l', 1, 4), logit: state('m', 1, 4) };
    const draw = () => drawTokens(rec, rec.scratch('x', [4, 8]), inputs, outputs);
    expect(draw).toThrow('b: shape [9] does not fit [8]');
  });
});
