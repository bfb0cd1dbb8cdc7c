import { describe, expect, it } from 'vitest';
import { MASK, type Grid } from '../core/grid.ts';
import { classRows, guidanceAt, guide } from '../core/guidance.ts';
import { defaultSettings, type GenerateRequest, type SamplerSettings } from '../core/request.ts';
import { inputTokens, isDone, sampleStep, start, stepCounts, type SamplerRun } from '../core/sampler.ts';
import { packCells, packStepParams, stepParamsOf } from '../core/stepParams.ts';
import { bannedMask } from '../core/validate.ts';
import { ModelMemory } from '../gpu/memory.ts';
import { compile, type Plan } from '../gpu/plan.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { typed } from '../testing/agreement.ts';
import { testDevice } from '../testing/device.ts';
import { loadGolden, type Golden } from '../testing/golden.ts';
import { normal } from '../testing/values.ts';
import { maskedPlaces, samplerStep, samplerTensors, type NoiseSource, type SamplerTensors } from './samplerStep.ts';

/** The sampler's program on the device, with logits that the test writes in the network's place. */
interface Bench {
  readonly plan: Plan;
  readonly memory: ModelMemory;
  /** [positions, rows, codebook] of the masked positions in order. */
  readonly logits: Tensor;
  readonly sampler: SamplerTensors;
}

async function withBench(
  { rows, grid, codebook, noise = 'generated' }: { rows: number; grid: Grid; codebook: number; noise?: NoiseSource },
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const positions = grid.rows * grid.cols;
  const rec = new Recorder();
  const sampler = samplerTensors(rec, { positions, codebook }, noise);
  const logits = rec.state('logits', [positions, rows, codebook], 'f32');
  samplerStep(rec, logits, maskedPlaces(rec, sampler), sampler);
  const { device, capabilities } = await testDevice();
  const memory = new ModelMemory(device, capabilities);
  try {
    const { plan } = await compile(memory, { plan: rec.finish('sampler') });
    await use({ plan, memory, logits, sampler });
  } finally {
    memory.destroy();
  }
}

/** Logits [rows, positions, codebook] as the program wants them: only those of masked positions, NaN behind them. */
function ofMasked(values: Float32Array, tokens: Int32Array, codebook: number): Float32Array<ArrayBuffer> {
  const positions = tokens.length;
  const rows = values.length / positions / codebook;
  const listed = new Float32Array(values.length).fill(Number.NaN);
  const masked = Array.from(tokens.keys()).filter((p) => tokens[p] === MASK);
  masked.forEach((p, i) => {
    for (let row = 0; row < rows; row++) {
      const at = (row * positions + p) * codebook;
      listed.set(values.subarray(at, at + codebook), (i * rows + row) * codebook);
    }
  });
  return listed;
}

/** Run a request on the device and by core/sampler on the same logits, and compare every step. */
async function expectEqualRuns(bench: Bench, request: GenerateRequest, grid: Grid, codebook: number): Promise<void> {
  const { plan, memory, logits, sampler } = bench;
  const { settings, seed } = request;
  const tokens = request.tokens!;
  const rows = classRows(request, tokens);
  const banned = bannedMask(request, codebook);
  const run: SamplerRun = { settings, seed, grid, codebook, ...(banned && { banned }) };
  memory.write(sampler.tokens, Int32Array.from(tokens));
  memory.write(sampler.rowOfPosition, rows.rowOfPosition);
  memory.write(sampler.banned, Uint32Array.from(banned ?? new Uint8Array(codebook)));

  let state = start(settings, tokens);
  memory.write(sampler.cells, packCells(settings, state.painted, grid));
  const counts = stepCounts(settings, state, grid);
  for (const [i, { step, unknown, masked }] of counts.entries()) {
    const values = normal(logits.shape, seed * 31 + step, 2);
    memory.write(logits, ofMasked(values, inputTokens(run, state), codebook));
    const address = { seed, step, masked, nullRow: rows.nullRow, next: counts[i + 1]?.step };
    memory.write(sampler.stepParams, packStepParams(stepParamsOf(settings, address)));
    plan.run(undefined, { entries: unknown });
    const expected = sampleStep(run, state, guide(values, rows, codebook, guidanceAt(settings, step)));
    const name = `seed ${seed}, step ${step}`;
    expect([...(await read(bench, sampler.guess))], `${name}: guess`).toEqual([...expected.guess]);
    const sees = isDone(expected.state, settings) ? expected.state.tokens : inputTokens(run, expected.state);
    expect([...(await read(bench, sampler.tokens))], `${name}: tokens that the next step sees`).toEqual([...sees]);
    const confidence = await read(bench, sampler.confidence);
    expected.confidence.forEach((value, p) => {
      if (value === Infinity) expect(confidence[p], name).toBe(Infinity);
      else expect(Math.abs(confidence[p]! - value), name).toBeLessThan(2e-5);
    });
    state = expected.state;
  }
  expect(state.tokens.includes(MASK)).toBe(false);
}

async function read({ plan }: Bench, tensor: Tensor) {
  return typed(tensor, await plan.read(tensor));
}

describe('the sampler on the device', () => {
  const grid = { rows: 6, cols: 7 };
  const codebook = 65;
  const someKnown = Int32Array.from({ length: 42 }, (_, p) => (p % 6 === 0 ? p : MASK));
  const variants: { name: string; settings: Partial<SamplerSettings>; more?: Partial<GenerateRequest> }[] = [
    { name: 'as the paper', settings: {} },
    {
      name: 'guided on a ramp, hot, in Halton order',
      settings: { guidanceScale: 2, guidanceRamp: 'linear', temperature: 1.7, order: 'halton', schedule: 'arccos' },
    },
    {
      name: 'an edit with bans, several classes and guidance',
      settings: { steps: 12, startStep: 2, guidanceScale: 3 },
      more: {
        tokens: someKnown,
        bannedCodes: [0, 3, 64],
        classOfPosition: Int32Array.from({ length: 42 }, (_, p) => p % 2),
      },
    },
    { name: 'one token a step, row by row', settings: { steps: 42, schedule: 'linear', order: 'raster' } },
    {
      name: 'with corrector steps, guided, of two classes, over a part',
      settings: { corrections: 6, guidanceScale: 2, temperature: 0.7 },
      more: { tokens: someKnown, bannedCodes: [5], classOfPosition: Int32Array.from({ length: 42 }, (_, p) => p % 2) },
    },
    { name: 'with corrector steps, in Halton order', settings: { corrections: 5, order: 'halton', steps: 4 } },
    { name: 'greedy, without choice noise', settings: { temperature: 0, choiceTemperature: 0, schedule: 'linear' } },
  ];

  it.each(variants)('draws the tokens of core/sampler, step by step: $name', async ({ settings, more }) => {
    const seeds = [1, 2, 3, 4, 5, 6, 0x8000_0000, 0xffff_ffff];
    const rows = (settings.guidanceScale ? 1 : 0) + (more?.classOfPosition ? 2 : 1);
    await withBench({ rows, grid, codebook }, async (bench) => {
      for (const seed of seeds) {
        const tokens = new Int32Array(42).fill(MASK);
        const request = { classId: 0, seed, tokens, ...more, settings: { ...defaultSettings, ...settings } };
        await expectEqualRuns(bench, request, grid, codebook);
      }
    });
  });

  it('creates nothing between steps', async () => {
    await withBench({ rows: 2, grid, codebook }, async ({ memory, plan, sampler }) => {
      const { buffers, bindGroups, pipelines } = memory.counters;
      for (let step = 0; step < 8; step++) {
        const address = { seed: 1, step, masked: 8 - step, nullRow: 1 };
        memory.write(sampler.stepParams, packStepParams(stepParamsOf(defaultSettings, address)));
        plan.run();
      }
      expect(memory.counters).toMatchObject({ buffers, bindGroups, pipelines });
    });
  });

  it.each([
    { file: 'generate', settings: { ...defaultSettings, steps: 8 } },
    { file: 'edit', settings: { ...defaultSettings, steps: 12, startStep: 2 } },
  ])('replays the official sampler with its own noise: $file', async ({ file, settings }) => {
    const golden = loadGolden(`official-a/${file}.safetensors`);
    const tiny = { rows: 1, grid: tinyGrid, codebook: 64, noise: 'explicit' } as const;
    await withBench(tiny, async (bench) => {
      for (const batch of [0, 1]) await expectReplay(bench, golden, batch, settings);
    });
  });
});

const tinyGrid = { rows: 6, cols: 6 };

/** A recorded run without the class token in front: tokens of every step must be equal. */
async function expectReplay(bench: Bench, golden: Golden, batch: number, settings: SamplerSettings): Promise<void> {
  const { plan, memory, logits, sampler } = bench;
  const behindClass = <T>(name: string, at: number, width: number) => golden.at(name, at, batch).slice(width) as T;
  const tokens = Int32Array.from(golden.at('input_tokens', batch).subarray(1));
  memory.write(sampler.tokens, tokens);
  memory.write(sampler.banned, new Uint32Array(64));
  let known = tokens;
  for (const [at, { step, unknown, masked }] of stepCounts(settings, start(settings, tokens), tinyGrid).entries()) {
    memory.write(logits, ofMasked(behindClass<Float32Array>('logits', at, 64), known, 64));
    memory.write(sampler.drawNoise!, behindClass<Float32Array<ArrayBuffer>>('cat_noise', at, 64));
    memory.write(sampler.choiceNoise!, behindClass<Float32Array<ArrayBuffer>>('choice_noise', at, 1));
    const address = { seed: 0, step, masked, nullRow: -1 };
    memory.write(sampler.stepParams, packStepParams(stepParamsOf(settings, address)));
    plan.run(undefined, { entries: unknown });
    expect([...(await read(bench, sampler.guess))]).toEqual([...behindClass<Int32Array>('step_sampled', at, 1)]);
    if (step < settings.steps - 1) {
      known = Int32Array.from(behindClass<Int32Array>('step_input', at + 1, 1));
      expect([...(await read(bench, sampler.tokens))]).toEqual([...known]);
    }
  }
  expect([...(await read(bench, sampler.tokens))]).toEqual([...golden.at('final_tokens', batch)]);
}
