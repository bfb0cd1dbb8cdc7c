import { describe, expect, it } from 'vitest';
import type { ModelConfig } from '../core/config.ts';
import { MASK } from '../core/grid.ts';
import { defaultSettings } from '../core/request.ts';
import { packStepParams, STEP_PARAM_WORDS, stepParamsOf } from '../core/stepParams.ts';
import { weightShapes } from '../core/weightShapes.ts';
import { ModelMemory } from '../gpu/memory.ts';
import { compile } from '../gpu/plan.ts';
import { drawNext } from '../kernels/drawNext.ts';
import { Recorder } from '../program/program.ts';
import { expectClose, typed } from '../testing/agreement.ts';
import { testDevice } from '../testing/device.ts';
import { loadGolden } from '../testing/golden.ts';
import { preparedWeights, type WeightSource } from '../testing/loadWeights.ts';
import { rasterAnew, rasterStep } from './rasterTransformer.ts';

/** golden/raster/make.py */
const config: ModelConfig = {
  image: { size: 16, pixelArt: false },
  grid: { rows: 4, cols: 4 },
  transformer: {
    width: 32,
    layers: 2,
    heads: 4,
    mlp: 64,
    codebook: 24,
    classes: 3,
    nullClass: true,
    layerEps: 1e-12,
    gelu: 'tanh',
    order: 'raster',
  },
};
const [positions, codebook, sequences] = [16, 24, 2];
const golden = loadGolden('raster/tiny.safetensors');
const weights: WeightSource = new Map(
  [...weightShapes(config)].map(([name, shape]) => [name, { shape, values: golden.f32(name) }]),
);

/** A pass of both sequences, class and none; anew over `length` places where that is given. */
async function withPass<T>(
  isFallback: boolean,
  length: number | undefined,
  use: (
    pass: (step: number, guidanceScale?: number) => Promise<ArrayLike<number>>,
    tokens: {
      write(values: Int32Array<ArrayBuffer>): void;
      read(): Promise<number[]>;
    },
  ) => Promise<T>,
): Promise<T> {
  const { device, capabilities } = await testDevice();
  const rec = new Recorder({ ...capabilities, isFallback });
  const inputs = {
    tokens: rec.state('tokens', [positions], 'i32'),
    classes: rec.state('classes', [sequences], 'i32'),
    stepParams: rec.state('stepParams', [STEP_PARAM_WORDS], 'u32'),
    logProb: rec.state('logProb', [positions], 'f32'),
  };
  const { transformer, grid } = config;
  const isAnew = length !== undefined;
  const logits = rec.keep(
    isAnew ? rasterAnew(rec, inputs, transformer!, { grid, length }) : rasterStep(rec, inputs, transformer!, grid),
  );
  drawNext(rec, logits, inputs);
  const program = rec.finish('pass');
  const memory = new ModelMemory(device, capabilities);
  try {
    const { plan } = await compile(memory, { plan: program });
    for (const [tensor, values] of preparedWeights(program, weights)) memory.write(tensor, values);
    memory.write(inputs.classes, golden.i32('classes'));
    const pass = async (step: number, guidanceScale = 0): Promise<ArrayLike<number>> => {
      const settings = { ...defaultSettings, temperature: 0, guidanceScale };
      const address = { seed: 1, step, masked: 0, nullRow: guidanceScale > 0 ? 1 : -1 };
      memory.write(inputs.stepParams, packStepParams(stepParamsOf(settings, address)));
      plan.run();
      return typed(logits, await plan.read(logits));
    };
    return await use(pass, {
      write: (values) => memory.write(inputs.tokens, values),
      read: async () => [...typed(inputs.tokens, await plan.read(inputs.tokens))],
    });
  } finally {
    memory.destroy();
  }
}

/** PyTorch's logits of both sequences at a position. */
function expectedAt(position: number): number[] {
  return [0, 1].flatMap((s) => [...golden.at('logits', s, position)]);
}

describe.each([
  { isFallback: false, on: 'a GPU' },
  { isFallback: true, on: 'a software adapter' },
])('the causal transformer with the kernels for $on', ({ isFallback }) => {
  it("gives PyTorch's logits position by position from what it remembers", async () => {
    await withPass(isFallback, undefined, async (pass, tokens) => {
      tokens.write(golden.i32('tokens'));
      for (let p = 0; p < positions; p++) {
        expectClose(`logits at ${p}`, await pass(p), expectedAt(p), { abs: 2e-4, rel: 0 });
      }
    });
  });

  it.each([1, 2, 7, 16])('gives the same when it sees all of %i places anew', async (length) => {
    await withPass(isFallback, length, async (pass, tokens) => {
      tokens.write(golden.i32('tokens'));
      const logits = await pass(length - 1);
      expectClose(`logits at ${length - 1}`, logits, expectedAt(length - 1), { abs: 2e-4, rel: 0 });
    });
  });

  it("paints PyTorch's picture, twice in a row, guided and greedy", async () => {
    await withPass(isFallback, undefined, async (pass, tokens) => {
      for (let round = 0; round < 2; round++) {
        tokens.write(new Int32Array(positions).fill(MASK));
        for (let p = 0; p < positions; p++) await pass(p, 1.5);
        expect(await tokens.read()).toEqual([...golden.i32('greedyGuidedTokens')]);
      }
    });
  });

  it('sees nothing of what is to come', async () => {
    await withPass(isFallback, undefined, async (pass, tokens) => {
      tokens.write(golden.i32('tokens').map((token, p) => (p < 5 ? token : (token + 7) % codebook)));
      for (let p = 0; p <= 5; p++) {
        expectClose(`logits at ${p}`, await pass(p), expectedAt(p), { abs: 2e-4, rel: 0 });
      }
    });
  });
});
