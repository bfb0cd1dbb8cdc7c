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
  readonly logits?: Float32Array<ArrayBuffer>;
  readonly temperature?: number;
  readonly drawNoise?: Float32Array<ArrayBuffer>;
  readonly banned?: (code: number) => boolean;
}

function recordDraw({ positions, codebook, temperature = 1, banned = () => false, ...values }: Case) {
  const rec = new Recorder();
  const shape = [positions, codebook];
  const logits = rec.state('logits', shape, 'f32');
  const stepParams = rec.state('stepParams', [STEP_PARAM_WORDS], 'u32');
  const tokens = rec.state('tokens', [positions], 'i32');
  const bans = rec.state('banned', [codebook], 'u32');
  const drawNoise = values.drawNoise ? rec.state('drawNoise', shape, 'f32') : undefined;
  const guess = rec.scratch('guess', [positions], 'i32');
  const [logProb, logit] = [rec.scratch('logProb', [positions]), rec.scratch('logit', [positions])];
  // Row i of the logits belongs to the i-th masked position; the rows behind are nobody's.
  const places = listMasked(rec, tokens, { guess, logProb });
  const given = { stepParams, places, banned: bans, ...(drawNoise && { drawNoise }) };
  drawTokens(rec, logits, given, { guess, logProb, logit });
  const settings = { ...defaultSettings, temperature };
  const inputs: Inputs = new Map<Tensor, Value>([
    [logits, values.logits ?? normal(shape, 1, 2)],
    [stepParams, packStepParams(stepParamsOf(settings, { seed: 77, step: 3, masked: 0, nullRow: -1 }))],
    // Every fifth token is known.
    [tokens, Int32Array.from({ length: positions }, (_, p) => (p % 5 === 4 ? p % codebook : MASK))],
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
    const state = (label: string, length: number) => rec.state(label, [length], 'u32');
    const inputs = { stepParams: state('s', STEP_PARAM_WORDS), places: state('p', 4), banned: state('b', 9) };
    const outputs = { guess: state('g', 4), logProb: state('l', 4), logit: state('m', 4) };
    const draw = () => drawTokens(rec, rec.scratch('x', [4, 8]), inputs, outputs);
    expect(draw).toThrow('b: shape [9] does not fit [8]');
  });
});
