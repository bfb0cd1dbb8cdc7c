import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blankTokens, MASK } from '../core/grid.ts';
import { classRows, guidanceAt, guide } from '../core/guidance.ts';
import { defaultSettings, type GenerateRequest, type SamplerSettings } from '../core/request.ts';
import { isDone, sampleStep, start, type StepOutcome } from '../core/sampler.ts';
import { bannedMask } from '../core/validate.ts';
import { failureOf } from '../gpu/lost.ts';
import { testDevice } from '../testing/device.ts';
import { serveFiles, toyConfig, toyFiles } from '../testing/toyModel.ts';
import { normal } from '../testing/values.ts';
import { editSteps } from './edit.ts';
import { generateSteps, type RunOutcome, type StepRecord } from './generate.ts';
import { httpSource } from './httpSource.ts';
import { loadSession } from './load.ts';
import type { Session } from './session.ts';

const stop = new AbortController().signal;
let session: Session;

beforeAll(async () => {
  const opened = await testDevice();
  const source = httpSource('https://models.example/toy/model.json', {
    fetch: serveFiles(toyFiles()),
    openStore: async () => undefined,
  });
  ({ session } = await loadSession(opened, failureOf(opened.device), source, { stop, ready: false }));
});
afterAll(() => session.destroy());

async function collect<T>(run: AsyncGenerator<StepRecord, T>): Promise<{ steps: StepRecord[]; outcome: T }> {
  const steps: StepRecord[] = [];
  for (;;) {
    const { done, value } = await run.next();
    if (done) return { steps, outcome: value };
    steps.push(value);
  }
}

/** The run as core/sampler.ts does it, from the device's logits of every step. */
async function onCpu(request: GenerateRequest): Promise<StepOutcome[]> {
  const { settings, seed, noise } = request;
  const tokens = Int32Array.from(request.tokens ?? blankTokens(toyConfig.grid));
  const rows = classRows(request, tokens);
  const banned = bannedMask(request, 32);
  const outcomes: StepOutcome[] = [];
  for (let state = start(settings, tokens); !isDone(state, settings); state = outcomes.at(-1)!.state) {
    const perClass: number[] = [];
    for (const classId of rows.classes) perClass.push(...(await session.logits(state.tokens, classId)));
    const logits = guide(Float32Array.from(perClass), rows, 32, guidanceAt(settings, state.step));
    const run = {
      settings,
      seed,
      grid: toyConfig.grid,
      codebook: 32,
      ...(banned && { banned }),
      ...(noise && { noise }),
    };
    outcomes.push(sampleStep(run, state, logits));
  }
  return outcomes;
}

const settings = (part: Partial<SamplerSettings> = {}): SamplerSettings => ({ ...defaultSettings, steps: 5, ...part });
const half = Int32Array.from({ length: 16 }, (_, p) => (p % 2 === 0 ? p : MASK));
const requests: Record<string, GenerateRequest> = {
  'one class': { classId: 2, seed: 3, settings: settings() },
  'no class': { classId: -1, seed: 3, settings: settings() },
  guidance: { classId: 0, seed: 4, settings: settings({ guidanceScale: 2, guidanceRamp: 'linear' }) },
  'two classes side by side, guided, with known tokens': {
    classId: 0,
    classOfPosition: Int32Array.from({ length: 16 }, (_, p) => (p < 8 ? 1 : 2)),
    seed: 5,
    settings: settings({ guidanceScale: 1 }),
    tokens: half,
  },
  'Halton order and other temperatures': {
    classId: 1,
    seed: 6,
    settings: settings({ order: 'halton', schedule: 'arccos', temperature: 0.7, choiceTemperature: 10 }),
  },
  'draws that cool down, by their bare logits, guided more and more': {
    classId: 2,
    seed: 8,
    settings: settings({
      temperature: 4.5,
      temperatureRamp: 'annealed',
      score: 'logit',
      guidanceScale: 2,
      guidanceRamp: 'linear',
    }),
  },
  'increments, annealed by the progress before a step': {
    classId: 0,
    seed: 9,
    settings: settings({ schedule: 'arccosIncrements', annealing: 'before', guidanceScale: 3 }),
  },
  'bans and a later start': {
    classId: 1,
    seed: 7,
    settings: settings({ startStep: 2 }),
    bannedCodes: [1, 2, 3, 5, 8, 13, 21],
  },
  'noise that is handed in': {
    classId: 1,
    seed: 0,
    settings: settings({ steps: 3 }),
    noise: { drawNoise: normal([3, 16, 32], 1), choiceNoise: normal([3, 16], 2) },
  },
};

describe('a run on the device', () => {
  it.each(Object.entries(requests))('is the pure sampler on its logits, step by step: %s', async (_, request) => {
    const { steps, outcome } = await collect<RunOutcome>(generateSteps(session, request, stop));
    const expected = await onCpu(request);
    expect(steps).toHaveLength(expected.length);
    expected.forEach(({ state, guess, logProb, confidence, maskCount }, at) => {
      const step = steps[at]!;
      expect([...step.guess], `guess of step ${at}`).toEqual([...guess]);
      expect([...step.tokens], `tokens after step ${at}`).toEqual([...state.tokens]);
      expect(step.maskCount).toBe(maskCount);
      step.logProb.forEach((value, p) => expect(Math.abs(value - logProb[p]!)).toBeLessThan(1e-4));
      step.confidence.forEach((value, p) => {
        if (confidence[p] === Infinity) expect(value).toBe(Infinity);
        else expect(Math.abs(value - confidence[p]!)).toBeLessThan(1e-4);
      });
    });
    expect([...outcome.tokens]).toEqual([...expected.at(-1)!.state.tokens]);
  });

  it('gives the same tokens however many steps are in flight', async () => {
    const request = requests['guidance']!;
    const alone = await collect(generateSteps(session, request, stop));
    session.stepsInFlight = 16;
    const ahead = await collect(generateSteps(session, request, stop));
    session.stepsInFlight = 1;
    expect(ahead.steps.map(({ tokens }) => [...tokens])).toEqual(alone.steps.map(({ tokens }) => [...tokens]));
  });

  it('does not compute what guidance without weight would throw away, and draws the same bits', async () => {
    const { counters } = session.memory;
    const growing = requests['guidance']!;
    // One position painted as "no class" wants that row in every step.
    const inFull = { ...growing, classOfPosition: Int32Array.from({ length: 16 }, (_, p) => (p === 15 ? -1 : 0)) };
    const dispatches: number[][] = [];
    const firsts: StepRecord[] = [];
    for (const request of [growing, inFull]) {
      await collect(generateSteps(session, request, stop)); // compiled and warm
      let before = counters.dispatches;
      const taken: number[] = [];
      for await (const record of generateSteps(session, request, stop)) {
        taken.push(counters.dispatches - before);
        before = counters.dispatches;
        if (record.step === 0) firsts.push(record);
      }
      dispatches.push(taken);
    }
    expect(dispatches[0]!.slice(1)).toEqual(dispatches[1]!.slice(1));
    expect(dispatches[0]![0]).toBeLessThan(dispatches[1]![0]!);
    const [fewer, full] = firsts as [StepRecord, StepRecord];
    expect([...fewer.guess.subarray(0, 15)]).toEqual([...full.guess.subarray(0, 15)]);
    expect([...fewer.logProb.subarray(0, 15)]).toEqual([...full.logProb.subarray(0, 15)]);
  });

  it('can be left after any step, and the next one is not harmed', async () => {
    session.stepsInFlight = 4;
    for await (const { step } of generateSteps(session, requests['guidance']!, stop)) if (step === 1) break;
    session.stepsInFlight = 1;
    expect((await collect(generateSteps(session, requests['one class']!, stop))).steps).toHaveLength(5);
  });
});

describe('an edit', () => {
  it('paints several boxes at once, each as its class, and leaves the rest as it was', async () => {
    const base = await session.decode(Int32Array.from({ length: 16 }, (_, p) => p));
    const rgba = Uint8ClampedArray.from({ length: 1024 }, (_, i) =>
      i % 4 === 3 ? 255 : 255 * base[Math.floor(i / 4) * 3 + (i % 4)]!,
    );
    const boxes = [
      { id: 1, row: 0, col: 0, height: 1, width: 2, classId: 0 },
      { id: 2, row: 3, col: 2, height: 1, width: 1, classId: 2 },
    ];
    const request = {
      picture: { width: 16, height: 16, rgba },
      boxes,
      halo: 0,
      seed: 1,
      settings: settings({ steps: 3 }),
    };
    const { steps, outcome } = await collect(editSteps(session, request, stop));
    expect(steps).toHaveLength(3);
    const painted = [0, 1, 14];
    expect(Array.from(outcome.tokenMask.keys()).filter((p) => outcome.tokenMask[p] === 1)).toEqual(painted);
    outcome.startTokens.forEach((token, p) => {
      if (painted.includes(p)) expect(token).toBe(MASK);
      else expect(outcome.tokens[p]).toBe(token);
    });
    expect(outcome.tokens.includes(MASK)).toBe(false);
    outcome.blend.forEach((share, i) => {
      if (share > 0) return;
      for (const c of [0, 1, 2]) expect(outcome.composite[3 * i + c]).toBe(Math.fround(rgba[4 * i + c]! / 255));
    });
    expect(outcome.blend.some((share) => share === 0)).toBe(true);
    await expect(collect(editSteps(session, { ...request, boxes: [] }, stop))).rejects.toThrow('there is no box');
  });
});
