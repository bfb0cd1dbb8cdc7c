import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { TokenizerConfig } from '../../core/config.ts';
import { weightShapes } from '../../core/weightShapes.ts';
import { toF32 } from '../../formats/dtypes.ts';
import { memoryFile } from '../../formats/ranged.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import { decoder, encoder, quantise } from '../../models/vqgan.ts';
import type { StoredTensor } from '../../program/recipe.ts';
import { Recorder } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';
import { expectClose, runOnDevice, typed, type Inputs } from '../../testing/agreement.ts';
import { testDevice } from '../../testing/device.ts';
import { loadGolden } from '../../testing/golden.ts';
import { preparedWeights } from '../../testing/loadWeights.ts';
import { importModel } from './importModel.ts';

async function imported(path: string, groups?: number) {
  const bytes = readFileSync(new URL(`../../../golden/peers/${path}`, import.meta.url));
  const tokenizer = memoryFile(path.split('/').at(-1)!, bytes);
  const files = new Map<string, Uint8Array>();
  const options = { id: 'toy', dtype: 'f32', ...(groups !== undefined && { groups }) } as const;
  const { config, shards } = await importModel({ tokenizer }, options, async (name, content) => {
    files.set(name, content);
  });
  const weights = new Map<string, StoredTensor>();
  for (const { file } of shards) {
    const shard = await openSafetensors(memoryFile(file, files.get(file)!));
    for (const [name, { shape, dtype }] of shard.entries) {
      weights.set(name, { shape, values: toF32(await shard.read(name), dtype) });
    }
  }
  expect([...weights.keys()].sort()).toEqual([...weightShapes(config).keys()].sort());
  return { config: config.tokenizer!, weights };
}

/** Values [channels, height, width] as [height, width, channels]. */
function channelsLast(values: ArrayLike<number>, channels: number): Float32Array<ArrayBuffer> {
  const cells = values.length / channels;
  return Float32Array.from(values, (_, i) => values[(i % channels) * cells + Math.floor(i / channels)]!);
}

/** Latent, tokens and decoded grid of the golden's first picture. Its pixels are from −1 to 1, ours from 0 to 1. */
async function expectPeer(folder: string, config: TokenizerConfig, weights: ReadonlyMap<string, StoredTensor>) {
  const golden = loadGolden(`peers/${folder}/golden.safetensors`);
  const toOurs = (name: string): Float32Array<ArrayBuffer> =>
    channelsLast(golden.at(name, 0), 3).map((value) => (value + 1) / 2);
  const rec = new Recorder((await testDevice()).capabilities);
  const image = rec.state('image', [8, 8, 3], 'f32');
  const tokens = rec.state('tokens', [4, 4], 'i32');
  const latent = encoder(rec, image, config);
  const outputs = [latent, quantise(rec, latent, config).tokens, decoder(rec, tokens, config)];
  for (const output of outputs) rec.keep(output);
  const program = rec.finish('toy');
  const inputs: Inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
    [image, toOurs('image')],
    [tokens, Int32Array.from(golden.at('grid', 0))],
    ...preparedWeights(program, weights),
  ]);
  const bytes = await runOnDevice(program, inputs, outputs);
  const [z, found, pixels] = outputs.map((output, i) => typed(output, bytes[i]!));
  expectClose('latent', z!, channelsLast(golden.at('latent', 0), config.embedding), { abs: 1.5e-4, rel: 0 });
  expect([...found!]).toEqual([...golden.at('indices', 0)]);
  expectClose('decoded', pixels!, toOurs('decoded'), { abs: 3.8e-5, rel: 0 });
}

const common = {
  filters: 8,
  multipliers: [1, 2],
  resBlocks: 2,
  decoderBlocks: 3,
  latentWidth: 16,
  codebook: 64,
  attention: true,
  imageRange: 'signed',
};

describe('the VQGANs with attention', () => {
  it('encode and decode as LlamaGen does, with entries of length 1', async () => {
    const { config, weights } = await imported('llamagen-vq/vq_ds16_c2i.pt', 4);
    expect(config).toMatchObject({ ...common, embedding: 4, unitEntries: true });
    await expectPeer('llamagen-vq', config, weights);
  });

  it('encode and decode as taming-transformers does', async () => {
    const { config, weights } = await imported('taming/last.ckpt', 4);
    expect(config).toMatchObject({ ...common, embedding: 12 });
    expect(config).not.toHaveProperty('unitEntries');
    await expectPeer('taming', config, weights);
  });

  it('ask for the groups where 32 cannot be right', async () => {
    await expect(imported('taming/last.ckpt')).rejects.toThrow(/8 channels.*--groups/);
  });
});
