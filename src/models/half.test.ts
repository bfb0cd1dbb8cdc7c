import { describe, expect, it } from 'vitest';
import type { TokenizerConfig, TransformerConfig } from '../core/config.ts';
import { weightShapes } from '../core/weightShapes.ts';
import type { Target, WeightType } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectClose, runOnDevice, typed, type Inputs } from '../testing/agreement.ts';
import { testDevice } from '../testing/device.ts';
import { loadGolden } from '../testing/golden.ts';
import { officialWeights, preparedWeights } from '../testing/loadWeights.ts';
import { transformer } from './transformer.ts';
import { decoder } from './vqgan.ts';

/** golden/official-a/config.json */
const grid = { rows: 6, cols: 6 };
const image = { size: 96, pixelArt: false };
const network: TransformerConfig = {
  width: 64,
  layers: 2,
  heads: 4,
  mlp: 256,
  codebook: 64,
  classes: 10,
  nullClass: false,
  layerEps: 1e-12,
  gelu: 'tanh',
};
const tokenizer: TokenizerConfig = {
  groups: 32,
  groupEps: 1e-6,
  filters: 32,
  multipliers: [1, 1, 1, 2, 1],
  resBlocks: 1,
  embedding: 16,
  codebook: 64,
};

/** The test adapter as a GPU with f16 on which these tiles were measured to be the fastest; f32 where weights are f32. */
async function targetOf(weights: WeightType): Promise<Target> {
  const { capabilities } = await testDevice();
  expect(capabilities.f16, 'the software Vulkan of the tests has f16').toBe(true);
  return { ...capabilities, isFallback: false, weights, tuned: { '*': '64 × 64 in f16' } };
}

async function run(
  checkpoint: string,
  weights: WeightType,
  config: { tokenizer?: TokenizerConfig; transformer?: TransformerConfig },
  record: (rec: Recorder) => { inputs: ReadonlyMap<Tensor, Int32Array<ArrayBuffer>>; output: Tensor },
): Promise<{ values: Float32Array; halves: number }> {
  const source = await officialWeights(
    `official-a/checkpoints/${checkpoint}`,
    weightShapes({ image, grid, ...config }),
  );
  const rec = new Recorder(await targetOf(weights));
  const { inputs, output } = record(rec);
  rec.keep(output);
  const program = rec.finish('golden');
  const given: Inputs = new Map<Tensor, NonNullable<ReturnType<Inputs['get']>>>([
    ...inputs,
    ...preparedWeights(program, source),
  ]);
  const [bytes] = await runOnDevice(program, given, [output]);
  const halves = program.calls.filter(({ kernel }) => kernel.name.includes('.half')).length;
  return { values: typed(output, bytes!) as Float32Array, halves };
}

describe('the networks with f16 terms', () => {
  it('give logits within 8e-2 of the official code, and its best code wherever that is clear', async () => {
    const golden = loadGolden('official-a/transformer.safetensors');
    const ids = [0, 1].map((s) => golden.at('input_ids', s) as Int32Array);
    const { values, halves } = await run('maskgit_imagenet96_checkpoint', 'f16', { transformer: network }, (rec) => {
      const tokens = rec.state('tokens', [2, 36], 'i32');
      const classes = rec.state('classes', [2], 'i32');
      const inputs = new Map([
        [tokens, Int32Array.from(ids.flatMap((row) => [...row.subarray(1)]))],
        [classes, Int32Array.from(ids, ([id]) => id! - network.codebook)],
      ]);
      return { inputs, output: transformer(rec, { tokens, classes }, network, { sequences: 2, grid }) };
    });
    expect(halves).toBe(2 * 4 + 2); // four products a layer, two of the head
    const all = golden.f32('logits');
    const rows = Array.from({ length: 2 * 37 }, (_, r) => r).filter((r) => r % 37 > 0);
    const expected = Float32Array.from(rows.flatMap((r) => [...all.subarray(75 * r, 75 * r + 64)]));
    expectClose('logits', values, expected, { abs: 8e-2, rel: 0 });
    rows.forEach((_, r) => {
      const [ours, theirs] = [values, expected].map((logits) => [...logits.subarray(64 * r, 64 * (r + 1))]);
      const [best, second] = theirs!.toSorted((a, b) => b - a);
      if (best! - second! > 2 * 8e-2) expect(ours!.indexOf(Math.max(...ours!))).toBe(theirs!.indexOf(best!));
    });
  });

  it('decode as their own f32 does, to 45 dB', async () => {
    const golden = loadGolden('official-a/tokenizer.safetensors');
    const decode = (weights: WeightType) =>
      run('tokenizer_imagenet96_checkpoint', weights, { tokenizer }, (rec) => {
        const tokens = rec.state('tokens', [6, 6], 'i32');
        return { inputs: new Map([[tokens, golden.i32('ids')]]), output: decoder(rec, tokens, tokenizer) };
      });
    const [half, full] = [await decode('f16'), await decode('f32')];
    expect(half.halves).toBeGreaterThan(10);
    expect(full.halves).toBe(0);
    const error = half.values.reduce((sum, value, i) => sum + (value - full.values[i]!) ** 2, 0) / half.values.length;
    const psnr = -10 * Math.log10(error);
    expect(psnr).toBeGreaterThan(45);
    expect(psnr, 'the terms were f16').toBeLessThan(120);
  });
});
