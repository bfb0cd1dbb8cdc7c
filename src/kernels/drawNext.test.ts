import { describe, expect, it } from 'vitest';
import { MASK } from '../core/grid.ts';
import { guide } from '../core/guidance.ts';
import { sampleRaster } from '../core/raster.ts';
import { defaultSettings } from '../core/request.ts';
import { packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { ModelMemory } from '../gpu/memory.ts';
import { compile } from '../gpu/plan.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement, typed, type Inputs } from '../testing/agreement.ts';
import { testDevice } from '../testing/device.ts';
import { normal } from '../testing/values.ts';
import { drawNext } from './drawNext.ts';
import * as references from './drawNext.ref.ts';

interface Case {
  readonly codebook: number;
  readonly sequences?: number;
  readonly step?: number;
  readonly temperature?: number;
  readonly guidanceScale?: number;
  readonly logits?: Float32Array<ArrayBuffer>;
}

const known = [MASK, 3, MASK, MASK, 0];

function record(sequences: number, codebook: number, positions: number) {
  const rec = new Recorder();
  const logits = rec.state('logits', [sequences, codebook], 'f32');
  const tensors = {
    stepParams: rec.state('stepParams', [STEP_PARAM_WORDS], 'u32'),
    tokens: rec.state('tokens', [positions], 'i32'),
    logProb: rec.state('logProb', [positions], 'f32'),
  };
  drawNext(rec, logits, tensors);
  return { rec, logits, ...tensors };
}

async function expectDraw({ codebook, sequences = 1, step = 0, temperature = 1, guidanceScale = 0, ...more }: Case) {
  const { rec, logits, stepParams, tokens, logProb } = record(sequences, codebook, known.length);
  const settings = { ...defaultSettings, temperature, guidanceScale };
  const address = { seed: 77, step, masked: 0, nullRow: sequences - 2 };
  const inputs: Inputs = new Map<Tensor, NonNullable<ReturnType<Inputs['get']>>>([
    [logits, more.logits ?? normal([sequences, codebook], 1, 2)],
    [stepParams, packStepParams(stepParamsOf(settings, { ...address, nullRow: sequences > 1 ? 1 : -1 }))],
    [tokens, Int32Array.from(known)],
    [logProb, new Float32Array(known.length)],
  ]);
  await expectAgreement(rec, references, inputs, [tokens, logProb], { abs: 1e-5, rel: 2e-6 });
}

describe('drawNext', () => {
  it.each([
    { codebook: 1, why: 'one code' },
    { codebook: 63, why: 'fewer codes than threads, an odd number' },
    { codebook: 129, why: 'one more than two codes a thread' },
    { codebook: 2048, why: "mini's codebook" },
  ])('draws as the reference from $codebook: $why', async ({ codebook }) => {
    await expectDraw({ codebook, step: 2 });
    await expectDraw({ codebook, step: 3, sequences: 2, guidanceScale: 1.5 });
  });

  it('keeps a token that is known', async () => {
    await expectDraw({ codebook: 70, step: 1 });
    await expectDraw({ codebook: 70, step: 4 });
  });

  it.each([0, 0.3, 2.5])('draws as the reference at temperature %f', async (temperature) => {
    await expectDraw({ codebook: 100, temperature });
  });

  it('draws as the reference from logits of ±800 and from equal logits: the lowest code', async () => {
    for (const logits of [normal([100], 4, 800), new Float32Array(100).fill(-800), new Float32Array(100)]) {
      await expectDraw({ codebook: 100, logits });
      await expectDraw({ codebook: 100, logits, temperature: 0 });
    }
  });

  it('stays in the grid whatever the step is', async () => {
    await expectDraw({ codebook: 20, step: 1e9 });
  });
});

describe('a run in raster order', () => {
  it.each([
    { temperature: 1, guidanceScale: 0 },
    { temperature: 0.6, guidanceScale: 1.5 },
  ])('draws the tokens of core/raster, one a step: $temperature, $guidanceScale', async (settings) => {
    const [positions, codebook, sequences] = [20, 90, settings.guidanceScale > 0 ? 2 : 1];
    const { rec, logits, stepParams, tokens } = record(sequences, codebook, positions);
    const { device, capabilities } = await testDevice();
    const memory = new ModelMemory(device, capabilities);
    const start = Int32Array.from({ length: positions }, (_, p) => (p % 7 === 6 ? p : MASK));
    const logitsOf = (step: number): Float32Array<ArrayBuffer> => normal(logits.shape, step, 2);
    try {
      const { plan } = await compile(memory, { plan: rec.finish('draws') });
      for (const seed of [1, 2, 0xffff_ffff]) {
        memory.write(tokens, start);
        for (let step = 0; step < positions; step++) {
          const address = { seed, step, masked: 0, nullRow: sequences > 1 ? 1 : -1 };
          memory.write(stepParams, packStepParams(stepParamsOf({ ...defaultSettings, ...settings }, address)));
          memory.write(logits, logitsOf(step));
          plan.run();
        }
        const rows = { classes: [0, -1], rowOfPosition: new Int32Array(1), nullRow: sequences > 1 ? 1 : -1 };
        const expected = sampleRaster({ seed, temperature: settings.temperature, tokens: start }, (step) =>
          guide(logitsOf(step), rows, codebook, settings.guidanceScale),
        );
        expect([...typed(tokens, await plan.read(tokens))]).toEqual([...expected]);
      }
    } finally {
      memory.destroy();
    }
  });
});
