import { describe, expect, it } from 'vitest';
import { MASK, MOST_POSITIONS } from '../core/grid.ts';
import { defaultSettings } from '../core/request.ts';
import { packCells, packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, runOnDevice, typed, type Inputs } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { remask } from './remask.ts';
import * as references from './remask.ref.ts';

type Value = NonNullable<ReturnType<Inputs['get']>>;

const codebook = 24;

interface Case {
  readonly positions: number;
  readonly masked: number;
  readonly pictures?: number;
  readonly logProb?: Float32Array<ArrayBuffer>;
  readonly choiceTemperature?: number;
  readonly order?: 'confidence' | 'halton';
  readonly score?: 'logProb' | 'logit';
  readonly explicit?: boolean;
  /** The corrector step that comes next, of several. */
  readonly correction?: number;
}

function recordRemask(at: Case) {
  const { positions, masked, pictures = 1, choiceTemperature = 4.5, order = 'confidence', score = 'logProb' } = at;
  const corrections = at.correction === undefined ? 0 : 8;
  const rec = new Recorder();
  const grid = [pictures, positions];
  const i32 = (label: string) => rec.state(label, grid, 'i32');
  const [tokens, guess] = [i32('tokens'), i32('guess')];
  const logProb = rec.state('logProb', grid, 'f32');
  const logit = rec.state('logit', grid, 'f32');
  const choiceNoise = at.explicit ? rec.state('choiceNoise', grid, 'f32') : undefined;
  const stepParams = rec.state('stepParams', [pictures, STEP_PARAM_WORDS], 'u32');
  const cells = rec.state('cells', [positions], 'u32');
  const confidence = rec.scratch('confidence', grid);
  remask(
    rec,
    { stepParams, guess, logit, logProb, cells, ...(choiceNoise && { choiceNoise }) },
    { tokens, confidence },
  );
  const settings = { ...defaultSettings, choiceTemperature, order, score, corrections };
  const next = at.correction === undefined ? undefined : settings.steps + at.correction;
  const isKnown = (p: number): boolean => p % 7 === 3;
  const painted = Uint8Array.from({ length: positions }, (_, p) => (isKnown(p) ? 0 : 1));
  const params = Array.from({ length: pictures }, (_, b) =>
    packStepParams(stepParamsOf(settings, { seed: 5 + b, step: 1, masked: masked + b, nullRow: -1, next })),
  );
  const all = pictures * positions;
  const inputs: Inputs = new Map<Tensor, Value>([
    [tokens, Int32Array.from({ length: all }, (_, p) => (isKnown(p) ? 500 + p : MASK))],
    [guess, Int32Array.from({ length: all }, (_, p) => p % codebook)],
    [logit, normal([all], 6)],
    [logProb, at.logProb ?? normal([all], 3).map((value) => -Math.abs(value))],
    [stepParams, Uint32Array.from(params.flatMap((words) => [...words]))],
    [cells, packCells(settings, painted, { rows: 1, cols: positions })],
    ...(choiceNoise ? [[choiceNoise, normal([all], 4)] as const] : []),
  ]);
  return { rec, inputs, outputs: [tokens, confidence] as const };
}

const tolerance = { abs: 1e-5, rel: 1e-6 };

describe('remask', () => {
  it.each([
    { positions: 1, masked: 0, why: 'one token, the last step' },
    { positions: 1, masked: 1, why: 'one token that waits' },
    { positions: 36, masked: 17, why: 'the official tiny grid' },
    { positions: 255, masked: 200, why: 'one fewer than the threads' },
    { positions: 257, masked: 1, why: 'one more than the threads' },
    { positions: 1024, masked: 700, why: 'the largest grid' },
  ])('agrees with the reference, $positions positions and $masked masked: $why', async ({ positions, masked }) => {
    const { rec, inputs, outputs } = recordRemask({ positions, masked });
    await expectAgreement(rec, references, inputs, outputs, tolerance);
  });

  it('agrees with noise handed in, and in Halton order', async () => {
    for (const more of [{ explicit: true }, { order: 'halton' }, { score: 'logit' }] as const) {
      const { rec, inputs, outputs } = recordRemask({ positions: 100, masked: 31, ...more });
      await expectAgreement(rec, references, inputs, outputs, tolerance);
    }
  });

  it('agrees for several pictures, each by its own seed and count', async () => {
    for (const more of [{}, { explicit: true }, { order: 'halton' }] as const) {
      const { rec, inputs, outputs } = recordRemask({ positions: 50, masked: 11, pictures: 3, ...more });
      await expectAgreement(rec, references, inputs, outputs, tolerance);
    }
  });

  it.each([
    ['equal', new Float32Array(50).fill(-3)],
    ['impossible (−∞)', new Float32Array(50).fill(-Infinity)],
    ['±800', normal([50], 8, 800)],
    ['NaN', new Float32Array(50).fill(Number.NaN)],
    ['NaN and numbers in turn', Float32Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? Number.NaN : -i))],
  ])('masks exactly as many as asked when the log-probabilities are %s', async (_, logProb) => {
    const { rec, inputs, outputs } = recordRemask({ positions: 50, masked: 20, logProb, choiceTemperature: 0 });
    rec.keep(outputs[1]);
    const [bytes] = await runOnDevice(rec.finish('ties'), inputs, outputs);
    const tokens = [...typed(outputs[0], bytes!)];
    expect(tokens.filter((token) => token === MASK)).toHaveLength(20);
    tokens.forEach((token, p) => p % 7 === 3 && expect(token).toBe(500 + p));
  });

  it('masks a half of what is painted for the corrector step behind it, whether it was known or not', async () => {
    for (const correction of [0, 1, 2, 3, 5]) {
      const at = { positions: 50, masked: 0, pictures: 2, correction };
      const { rec, inputs, outputs } = recordRemask(at);
      await expectAgreement(rec, references, inputs, outputs, tolerance);
      const all = recordRemask(at);
      const known = [...all.inputs.keys()][0]!;
      // In a corrector step most tokens are known before it.
      const inputsThen: Inputs = new Map([...all.inputs, [known, Int32Array.from({ length: 100 }, (_, p) => 500 + p)]]);
      all.rec.keep(all.outputs[1]);
      const [bytes] = await runOnDevice(all.rec.finish('reopened'), inputsThen, all.outputs);
      const size = correction % 4 < 2 ? 1 : 2;
      const isOpen = (p: number): boolean => p % 7 !== 3 && Math.floor(p / size) % 2 === correction % 2;
      const expected = Array.from({ length: 100 }, (_, p) => (isOpen(p % 50) ? MASK : 500 + p));
      expect([...typed(outputs[0], bytes!)]).toEqual(expected);
    }
  });

  it('masks the lower positions of equals first', async () => {
    const logProb = new Float32Array(50).fill(-3);
    const { rec, inputs, outputs } = recordRemask({ positions: 50, masked: 20, logProb, choiceTemperature: 0 });
    await expectAgreement(rec, references, inputs, outputs, tolerance);
  });

  it('refuses a grid that does not fit its memory', () => {
    const rec = new Recorder();
    const state = (label: string) => rec.state(label, [1, MOST_POSITIONS + 1], 'u32');
    const score = { logit: state('m'), logProb: state('l') };
    const inputs = { stepParams: state('s'), guess: state('g'), ...score, cells: state('r') };
    const attempt = () => remask(rec, inputs, { tokens: state('t'), confidence: state('c') });
    expect(attempt).toThrow('t: 1025 positions; remask holds 1024');
  });
});
