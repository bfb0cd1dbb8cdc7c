import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { MASK } from '../../core/grid.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { weightShapes } from '../../core/weightShapes.ts';
import { openCheckpoint } from '../../formats/checkpoint.ts';
import { toF32 } from '../../formats/dtypes.ts';
import { floatToHalf, halfToFloat } from '../../formats/half.ts';
import { memoryFile, type RangedFile } from '../../formats/ranged.ts';
import { openSafetensors } from '../../formats/safetensors.ts';
import { tensorOut, writeSafetensors } from '../../formats/writeSafetensors.ts';
import { transformer as recordTransformer } from '../../models/transformer.ts';
import { decoder, encoder, quantise } from '../../models/vqgan.ts';
import type { StoredTensor } from '../../program/recipe.ts';
import { Recorder } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';
import { expectClose, runOnDevice, typed } from '../../testing/agreement.ts';
import { testDevice } from '../../testing/device.ts';
import { loadGolden } from '../../testing/golden.ts';
import { preparedWeights } from '../../testing/loadWeights.ts';
import { zipBytes } from '../../testing/zipBytes.ts';
import type { WeightSource } from './checkpoint.ts';
import { inflateRaw } from './inflate.ts';
import { importModel, type ImportOptions } from './importModel.ts';

const bytesOf = (path: string): Uint8Array => readFileSync(new URL(`../../../golden/${path}`, import.meta.url));
const peer = (path: string): RangedFile => memoryFile(path.split('/').at(-1)!, bytesOf(`peers/${path}`));
const folder = (path: string, files: readonly string[]): WeightSource => ({
  name: path,
  files: new Map(files.map((file) => [file, memoryFile(file, bytesOf(`peers/${path}/${file}`))])),
});
const openMuse = folder('openmuse/transformer', ['config.json', 'pytorch_model.bin']);
const vqgan = folder('openmuse/vqgan', ['config.json', 'pytorch_model.safetensors']);

const valeo = 'peers/valeo-v1/golden.safetensors';

interface Imported {
  readonly manifest: ModelManifest;
  readonly weights: ReadonlyMap<string, StoredTensor>;
}
async function imported(
  parts: { tokenizer?: WeightSource; transformer?: WeightSource },
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const files = new Map<string, Uint8Array>();
  const keep = async (name: string, bytes: Uint8Array): Promise<void> => void files.set(name, bytes);
  const manifest = await importModel(parts, { id: 'toy', dtype: 'f32', ...options }, keep);
  const weights = new Map<string, StoredTensor>();
  for (const { file } of manifest.shards) {
    const shard = await openSafetensors(memoryFile(file, files.get(file)!));
    for (const [name, { shape, dtype }] of shard.entries) {
      weights.set(name, { shape, values: toF32(await shard.read(name), dtype) });
    }
  }
  return { manifest, weights };
}
/** The toys have 4 heads and 4 groups, which no shape tells. */
const toy = { heads: 4, groups: 4 };
const maskgitTorch = {
  tokenizer: peer('hmorimitsu/tokenizer_imagenet256.ckpt'),
  transformer: peer('hmorimitsu/maskgit_imagenet256.ckpt'),
};

/** Logits [2, positions, codebook] of an imported model for a golden's tokens and classes. */
async function logitsOf({ manifest, weights }: Imported, goldenPath: string): Promise<Float32Array> {
  const { transformer: config, grid } = manifest.config;
  const golden = loadGolden(goldenPath);
  const { capabilities } = await testDevice();
  const rec = new Recorder(capabilities);
  const tokens = rec.state('tokens', [2, 16], 'i32');
  const classes = rec.state('classes', [2], 'i32');
  const logits = rec.keep(recordTransformer(rec, { tokens, classes }, config!, { sequences: 2, grid }));
  const program = rec.finish('toy');
  const inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
    [tokens, golden.i32('tokens').map((id) => (id < config!.codebook ? id : MASK))],
    [classes, golden.i32('class')],
    ...preparedWeights(program, weights),
  ]);
  const [bytes] = await runOnDevice(program, inputs, [logits]);
  return typed(logits, bytes!) as Float32Array;
}

/** The part of a golden [2, 17, vocabulary] that the page uses: the grid's rows, the codes' columns. */
function goldenLogits(path: string, name: string, codes: number, firstRow: number): Float32Array {
  const golden = loadGolden(path);
  const rows = [0, 1].flatMap((s) => Array.from({ length: 16 }, (_, p) => golden.at(name, s, firstRow + p)));
  return Float32Array.from(rows.flatMap((row) => [...row.subarray(0, codes)]));
}

/** Values [channels, height, width] as [height, width, channels]. */
function channelsLast(values: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const cells = values.length / channels;
  return Float32Array.from(values, (_, i) => values[(i % channels) * cells + Math.floor(i / channels)]!);
}

/** Both pictures of a golden encoded and both grids decoded by an imported tokenizer, against the peer's own code. */
async function expectTokenizer({ manifest, weights }: Imported, path: string, variant = ''): Promise<void> {
  const config = manifest.config.tokenizer!;
  const golden = loadGolden(`peers/${path}/golden.safetensors`);
  const side = golden.tensor('image').shape[2]!;
  for (const picture of [0, 1]) {
    const rec = new Recorder((await testDevice()).capabilities);
    const image = rec.state('image', [side, side, 3], 'f32');
    const tokens = rec.state('tokens', [4, 4], 'i32');
    const latent = encoder(rec, image, config);
    const outputs = [latent, quantise(rec, latent, config).tokens, decoder(rec, tokens, config)];
    for (const output of outputs) rec.keep(output);
    const program = rec.finish('toy');
    const inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
      [image, channelsLast(golden.at('image', picture) as Float32Array, 3)],
      [tokens, Int32Array.from(golden.at('grid', picture))],
      ...preparedWeights(program, weights),
    ]);
    const bytes = await runOnDevice(program, inputs, outputs);
    const [z, found, pixels] = outputs.map((output, i) => typed(output, bytes[i]!));
    const expected = (name: string, channels: number): Float32Array =>
      channelsLast(golden.at(name + variant, picture) as Float32Array, channels);
    expectClose('latent', z!, expected('latent', config.embedding), { abs: 1.7e-4, rel: 0 });
    expect([...found!]).toEqual([...golden.at('indices', picture)]);
    expectClose('decoded', pixels!, expected('decoded', 3), { abs: 6.6e-5, rel: 0 });
  }
}

function expectLogits(ours: Float32Array, path: string, name: string, { codes = 48, firstRow = 1 } = {}): void {
  const expected = goldenLogits(path, name, codes, firstRow);
  expectClose(name, ours, expected, { abs: 2.3e-4, rel: 0 });
  const best = (values: Float32Array): number[] =>
    Array.from({ length: 32 }, (_, row) => {
      const each = values.subarray(row * codes, row * codes + codes);
      return each.indexOf(Math.max(...each));
    });
  expect(best(ours)).toEqual(best(expected));
}

describe("the official networks in other programs' files", () => {
  it('become the same weights bit by bit, from maskgit-torch as from Flax', async () => {
    const torch = await imported(maskgitTorch, toy);
    const flax = await imported(
      {
        tokenizer: peer('flax-derived/tokenizer_imagenet256_checkpoint'),
        transformer: peer('flax-derived/maskgit_imagenet256_checkpoint'),
      },
      { groups: 4 },
    );
    expect(torch.manifest.config).toEqual(flax.manifest.config);
    expect(torch.manifest.shards).toEqual(flax.manifest.shards); // their hashes, too
    expect([...torch.weights.keys()]).toHaveLength(weightShapes(torch.manifest.config).size);
    expect(torch.manifest.config).toMatchObject({
      image: { size: 16 },
      tokenizer: { filters: 8, multipliers: [1, 1, 2], resBlocks: 2, embedding: 12, codebook: 48 },
      transformer: { width: 32, layers: 2, heads: 4, mlp: 64, codebook: 48, classes: 10 },
    });
  });

  it('give the logits of maskgit-torch, with the GELU of the official code or with that of the port', async () => {
    const path = 'peers/hmorimitsu/golden.safetensors';
    expectLogits(await logitsOf(await imported(maskgitTorch, toy), path), path, 'logits.tanh');
    expectLogits(await logitsOf(await imported(maskgitTorch, { ...toy, gelu: 'erf' }), path), path, 'logits');
  });

  it('give the logits of open-muse, whose config.json tells what shapes cannot', async () => {
    const path = 'peers/openmuse/golden.safetensors';
    const both = await imported({ tokenizer: vqgan, transformer: openMuse }, { groups: 4 });
    expect(both.manifest.config.transformer).toMatchObject({ heads: 4, mlp: 96, classes: 10, layerEps: 1e-12 });
    expectLogits(await logitsOf(both, path), path, 'logits.tanh');
    expectLogits(await logitsOf(await imported({ transformer: openMuse }, { gelu: 'erf' }), path), path, 'logits');
  });

  it('give the logits of two sequences at a time where every position has biases of its own', async () => {
    const transformer = peer('valeo-v1/MaskGIT_ImageNet_256.pth');
    const logits = await logitsOf(await imported({ transformer }, { heads: 4, codebook: 64 }), valeo);
    expectLogits(logits, valeo, 'logits', { codes: 64, firstRow: 0 });
  });

  it('are found under prefixes, as halves, and as the averaged one of two', async () => {
    const source = await openCheckpoint(maskgitTorch.transformer, inflateRaw);
    const tensors = [];
    for (const [name, { shape, read }] of source.tensors) {
      const bytes = await read();
      const halves = new Uint16Array([...toF32(bytes, 'F32')].map(floatToHalf));
      const key = name.replace('state_dict.', '');
      const zeros = new Uint8Array(bytes.byteLength);
      tensors.push(
        { name: `model._orig_mod.${key}`, dtype: 'F32', shape, bytes: zeros } as const,
        { name: `model_ema.module.${key}`, dtype: 'F16', shape, bytes: new Uint8Array(halves.buffer) } as const,
      );
    }
    const file = memoryFile('compiled.safetensors', writeSafetensors(tensors));
    const { weights } = await imported({ transformer: file }, { ...toy, codebook: 48 });
    const original = await imported({ transformer: maskgitTorch.transformer }, { ...toy, codebook: 48 });
    expect(weights.size).toBe(original.weights.size);
    for (const [name, { values }] of weights) {
      const expected = Float32Array.from(original.weights.get(name)!.values, (value) =>
        halfToFloat(floatToHalf(value)),
      );
      expect(Buffer.compare(new Uint8Array(Float32Array.from(values).buffer), new Uint8Array(expected.buffer))).toBe(0);
    }
  });

  it('may lie in one zip, the weights deflated or not', async () => {
    const names = ['transformer/config.json', 'transformer/pytorch_model.bin', 'vqgan/pytorch_model.bin'];
    const parts = names.map((name, i) => ({ name, content: bytesOf(`peers/openmuse/${name}`), isDeflated: i < 2 }));
    const zip = memoryFile('both.zip', zipBytes(parts));
    const { manifest } = await imported({ tokenizer: zip, transformer: zip }, { groups: 4 });
    const folders = await imported({ tokenizer: vqgan, transformer: openMuse }, { groups: 4 });
    expect(manifest.shards).toEqual(folders.manifest.shards);
  });

  it('encode and decode as maskgit-torch, open-muse and TiTok do', async () => {
    const { tokenizer } = maskgitTorch;
    await expectTokenizer(await imported({ tokenizer }, { groups: 4 }), 'hmorimitsu', '.eps1e-6');
    await expectTokenizer(await imported({ tokenizer }, { groups: 4, groupEps: 1e-5 }), 'hmorimitsu');
    await expectTokenizer(await imported({ tokenizer: vqgan }, { groups: 4 }), 'openmuse');
    const titok = { tokenizer: peer('titok-vq/maskgit-vqgan-imagenet-f16-256.bin') };
    await expectTokenizer(await imported(titok, { groups: 4 }), 'titok-vq');
  });

  it('include the tokenizer that TiTok publishes, every key of it', async () => {
    const { manifest, weights } = await imported(
      { tokenizer: peer('titok-vq/maskgit-vqgan-imagenet-f16-256.bin') },
      { groups: 4 },
    );
    expect(manifest.config.tokenizer).toMatchObject({
      multipliers: [1, 2, 4],
      resBlocks: 1,
      codebook: 64,
      embedding: 16,
    });
    expect(weights.size).toBe(68);
  });
});

describe('what cannot be imported', () => {
  it('is named: the other network, and networks that we cannot run yet', async () => {
    const { tokenizer, transformer } = maskgitTorch;
    await expect(imported({ tokenizer: transformer })).rejects.toThrow(
      /this is a transformer, MaskGIT .*another file as the tokenizer/,
    );
    await expect(imported({ transformer: tokenizer })).rejects.toThrow(
      /this is a tokenizer, .*another file as the transformer/,
    );
    const named = (...names: string[]): RangedFile =>
      memoryFile('later.safetensors', writeSafetensors(names.map((name) => tensorOut(name, [1], Float32Array.of(0)))));
    const later: readonly (readonly [file: RangedFile, message: RegExp])[] = [
      [named('mlm_layer.fc.weight', 'context_embed.weight'), /paints from texts, through a CLIP.*which cannot/],
      [named('in_blocks.0.attn.qkv.weight', 'lm_head.weight'), /U-ViT transformer of another make.*which cannot/],
    ];
    for (const [transformer, message] of later) {
      await expect(imported({ transformer })).rejects.toMatchObject({
        name: 'BadFile',
        message: expect.stringMatching(message),
      });
    }
  });

  it('is a head that was trained apart from the embedding', async () => {
    const file = await openSafetensors(peer('openmuse/transformer/pytorch_model.safetensors'));
    const tensors = [];
    for (const [name, { shape, dtype }] of file.entries) {
      const values = toF32(await file.read(name), dtype);
      if (name === 'mlm_layer.to_logits.weight') values[5]! += 1e-3;
      tensors.push(tensorOut(name, shape, values));
    }
    const untied = memoryFile('untied.safetensors', writeSafetensors(tensors));
    await expect(imported({ transformer: untied }, { codebook: 48, heads: 4 })).rejects.toThrow(
      /to_logits\.weight differs from the embedding \(at index 5\)/,
    );
  });

  it('is a folder whose config.json contradicts its weights or itself, by the name of the field', async () => {
    const cases = [
      ['layers_1e9', /num_hidden_layers 1000000000.*weights say 2/],
      ['heads_zero', /num_attention_heads 0/],
      ['shape_mismatch', /hidden_size 64.*weights say 32/],
      ['grid_not_square', /num_vq_tokens 15.*16 positions/],
      ['eps_negative', /layer_norm_eps -1/],
    ] as const;
    for (const [name, message] of cases) {
      const files = new Map((openMuse as { files: ReadonlyMap<string, RangedFile> }).files);
      files.set('config.json', memoryFile('config.json', bytesOf(`hostile/config_${name}.json`)));
      await expect(imported({ transformer: { name: 'folder', files } })).rejects.toMatchObject({
        name: 'BadFile',
        message: expect.stringMatching(message),
      });
    }
  });

  it('is a transformer beside the tokenizer of another', async () => {
    const titok = peer('titok-vq/maskgit-vqgan-imagenet-f16-256.bin');
    await expect(imported({ tokenizer: titok, transformer: openMuse }, { groups: 4 })).rejects.toThrow(
      /says 48 codes, the tokenizer has 64/,
    );
  });

  it('asks for the groups where 32 cannot be right', async () => {
    await expect(imported({ tokenizer: maskgitTorch.tokenizer })).rejects.toThrow(/8 channels.*--groups/);
  });

  it('asks for the heads where neither shapes nor a configuration tell them', async () => {
    await expect(imported({ transformer: maskgitTorch.transformer }, { codebook: 48 })).rejects.toThrow(/--heads/);
    const wrong = imported({ transformer: maskgitTorch.transformer }, { codebook: 48, heads: 7 });
    await expect(wrong).rejects.toMatchObject({
      name: 'BadRequest',
      message: expect.stringMatching(/its width of \d+ is not made of 7 heads, say how many with --heads\.$/),
    });
  });
});
