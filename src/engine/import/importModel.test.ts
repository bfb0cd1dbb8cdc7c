import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Failure } from '../../core/failure.ts';
import type { ModelManifest } from '../../core/manifest.ts';
import { parseManifest } from '../../core/parseManifest.ts';
import { toF32 } from '../../formats/dtypes.ts';
import { openFlaxCheckpoint } from '../../formats/flaxMsgpack.ts';
import { memoryFile, type RangedFile } from '../../formats/ranged.ts';
import { openSafetensors, type Safetensors } from '../../formats/safetensors.ts';
import { tensorOut, writeSafetensors } from '../../formats/writeSafetensors.ts';
import { importModel, type ImportOptions } from './importModel.ts';
import { storedAs } from './quantize.ts';
import { Sha256 } from '../sha256.ts';

const official = (name: string): RangedFile =>
  memoryFile(name, readFileSync(new URL(`../../../golden/official-a/checkpoints/${name}`, import.meta.url)));
const tokenizer = official('tokenizer_imagenet96_checkpoint');
const transformer = official('maskgit_imagenet96_checkpoint');

interface Imported {
  readonly manifest: ModelManifest;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly shards: readonly Safetensors[];
}

async function imported(
  parts: { tokenizer?: RangedFile; transformer?: RangedFile },
  options: Partial<ImportOptions> = {},
): Promise<Imported> {
  const files = new Map<string, Uint8Array>();
  const manifest = await importModel(
    parts,
    { id: 'toy', dtype: 'f32', ...options },
    async (name, bytes) => void files.set(name, bytes),
  );
  const shards = await Promise.all(
    manifest.shards.map(({ file }) => openSafetensors(memoryFile(file, files.get(file)!))),
  );
  return { manifest, files, shards };
}

/** The bytes of every weight, by name. */
async function weightsOf({ shards }: Imported): Promise<Map<string, Uint8Array>> {
  const weights = new Map<string, Uint8Array>();
  for (const shard of shards) for (const name of shard.entries.keys()) weights.set(name, await shard.read(name));
  return weights;
}

/** The official transformer's tensors with some replaced (undefined removes), as safetensors. */
async function altered(
  changes: Readonly<Record<string, { shape: number[]; values: Float32Array } | undefined>>,
): Promise<RangedFile> {
  const source = await openFlaxCheckpoint(transformer);
  const tensors = [];
  for (const [name, { shape }] of source.tensors) {
    if (!Object.hasOwn(changes, name)) tensors.push(tensorOut(name, shape, toF32(await source.read(name), 'F32')));
  }
  for (const [name, tensor] of Object.entries(changes))
    if (tensor) tensors.push(tensorOut(name, tensor.shape, tensor.values));
  return memoryFile('altered.safetensors', writeSafetensors(tensors));
}

describe('importing the official checkpoints', () => {
  it('keeps every bit with --dtype f32', async () => {
    const weights = await weightsOf(await imported({ tokenizer, transformer }));
    let compared = 0;
    for (const file of [tokenizer, transformer]) {
      const source = await openFlaxCheckpoint(file);
      for (const name of source.tensors.keys()) {
        expect(Buffer.compare(await source.read(name), weights.get(name.replace('params/', ''))!), name).toBe(0);
        compared++;
      }
    }
    expect(weights.size).toBe(compared);
  });

  it('reads the configuration off the shapes, as the fixture states it', async () => {
    const { manifest } = await imported({ tokenizer, transformer });
    expect(manifest.config).toEqual({
      image: { size: 96, pixelArt: false },
      grid: { rows: 6, cols: 6 },
      tokenizer: {
        filters: 32,
        multipliers: [1, 1, 1, 2, 1],
        resBlocks: 1,
        groups: 32,
        groupEps: 1e-6,
        embedding: 16,
        codebook: 64,
      },
      transformer: {
        width: 64,
        layers: 2,
        heads: 4,
        mlp: 256,
        codebook: 64,
        classes: 10,
        nullClass: false,
        layerEps: 1e-12,
        gelu: 'tanh',
      },
    });
  });

  it('writes a folder whose model.json tells the size and hash of every shard', async () => {
    const { files } = await imported({ tokenizer, transformer });
    const manifest = parseManifest(JSON.parse(Buffer.from(files.get('model.json')!).toString()), 'model.json');
    expect([...files.keys()].at(-1)).toBe('model.json');
    for (const { file, sizeBytes, sha256 } of manifest.shards) {
      expect(files.get(file)!.byteLength).toBe(sizeBytes);
      expect(new Sha256().update(files.get(file)!).hex()).toBe(sha256);
      expect(sizeBytes).toBeLessThanOrEqual(16 * 2 ** 20);
    }
  });

  it('takes a tokenizer alone, its size from the official file name', async () => {
    const { manifest } = await imported({ tokenizer });
    expect(manifest.config).toMatchObject({ image: { size: 96 }, grid: { rows: 6 } });
    expect(manifest.config.transformer).toBeUndefined();
  });

  it('takes a transformer alone once it is told the codes, and asks for them before', async () => {
    await expect(imported({ transformer })).rejects.toThrow(/vocabulary of 75 leaves no class.*--codebook/);
    const { manifest } = await imported({ transformer }, { codebook: 64 });
    expect(manifest.config).toMatchObject({ grid: { rows: 6 }, transformer: { classes: 10, codebook: 64 } });
  });

  it('names the classes of ImageNet where there are a thousand, unless they are named', async () => {
    const thousand = await altered({
      'params/Embed_0/word_embeddings/embedding': { shape: [1065, 64], values: new Float32Array(1065 * 64) },
      'params/MlmLayer_0/mlm_bias/bias': { shape: [1065], values: new Float32Array(1065) },
    });
    const { manifest } = await imported({ tokenizer, transformer: thousand });
    expect(manifest.classes[207]).toMatchObject({ name: 'golden retriever', kinds: expect.arrayContaining(['dog']) });
    const own = Array.from({ length: 1000 }, (_, i) => ({ name: `thing ${i}`, aliases: [] }));
    expect((await imported({ tokenizer, transformer: thousand }, { classes: own })).manifest.classes).toEqual(own);
    expect((await imported({ tokenizer, transformer })).manifest.classes).toEqual([]);
  });

  it('brings the sampler that the network was published with', async () => {
    const { manifest } = await imported({ tokenizer, transformer });
    expect(manifest.sampler).toMatchObject({ steps: 8, schedule: 'cosine', choiceTemperature: 4.5, guidanceScale: 0 });
    expect(manifest.editSampler).toMatchObject({ ...manifest.sampler, steps: 12 });
  });

  it('asks anew for groups that do not divide the channels, and for a tokenizer of fewer codes', async () => {
    await expect(imported({ tokenizer }, { groups: 7 })).rejects.toMatchObject({
      name: 'BadRequest',
      message: expect.stringMatching(/its 32 channels are not made of 7 groups, say how many .* with --groups\.$/),
    });
    await expect(imported({ transformer }, { codebook: 80 })).rejects.toMatchObject({
      name: 'BadRequest',
      message: expect.stringMatching(/vocabulary of 75 leaves no class beside 80 codes .* with --codebook\.$/),
    });
  });

  it('refuses options that contradict the file', async () => {
    await expect(imported({ tokenizer, transformer }, { heads: 8 })).rejects.toThrow(/--heads 8 contradicts/);
    await expect(imported({ tokenizer, transformer }, { codebook: 65 })).rejects.toThrow(/--codebook 65 contradicts/);
    await expect(imported({ tokenizer, transformer }, { classes: [{ name: 'fox', aliases: [] }] })).rejects.toThrow(
      /names 1 classes, the model has 10/,
    );
    await expect(imported({})).rejects.toMatchObject({ name: 'BadRequest' } satisfies Partial<Failure>);
  });

  it('refuses missing, extra and misshapen tensors by name, with shapes', async () => {
    const bias = 'params/MlmLayer_0/mlm_dense/bias';
    const cases: [Record<string, { shape: number[]; values: Float32Array } | undefined>, RegExp][] = [
      [{ [bias]: undefined }, /altered\.safetensors: tensor MlmLayer_0\/mlm_dense\/bias \[64\] is missing/],
      [
        { [bias]: { shape: [63], values: new Float32Array(63) } },
        /mlm_dense\/bias has shape \[63\], the configuration wants \[64\]/,
      ],
      [{ 'params/extra': { shape: [2], values: new Float32Array(2) } }, /tensor extra \[2\] has no place/],
    ];
    for (const [change, message] of cases) {
      await expect(altered(change).then((file) => imported({ transformer: file }, { codebook: 64 }))).rejects.toThrow(
        message,
      );
    }
  });

  it('refuses NaN, naming tensor and index', async () => {
    const values = new Float32Array(64);
    values[17] = NaN;
    const file = await altered({ 'params/MlmLayer_0/mlm_dense/bias': { shape: [64], values } });
    await expect(imported({ transformer: file }, { codebook: 64 })).rejects.toThrow(
      /mlm_dense\/bias has NaN or .* at index 17/,
    );
  });

  it('refuses what is no checkpoint at all, by the name of the file', async () => {
    for (const bytes of [[], [0x50, 0x4b, 3, 4], [...Buffer.from('<html>')]]) {
      await expect(imported({ tokenizer: memoryFile('junk.bin', Uint8Array.from(bytes)) })).rejects.toThrow(
        /junk\.bin: /,
      );
    }
  });
});

describe('a smaller import', () => {
  it('with f16 loses nothing where the weights are halves, as the fixture’s are', async () => {
    const [exact, half] = [
      await imported({ tokenizer, transformer }),
      await imported({ tokenizer, transformer }, { dtype: 'f16' }),
    ];
    const [wide, narrow] = [await weightsOf(exact), await weightsOf(half)];
    for (const shard of half.shards) {
      for (const [name, { dtype }] of shard.entries)
        expect(Buffer.compare(new Uint8Array(toF32(narrow.get(name)!, dtype).buffer), wide.get(name)!), name).toBe(0);
    }
    expect(half.manifest.shards[0]!.sizeBytes).toBeLessThan(0.6 * exact.manifest.shards[0]!.sizeBytes);
  });

  it('with int8 errs by at most half a step of the channel', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 5, maxLength: 60 }),
        (cols, list) => {
          const values = Float32Array.from(list.slice(0, list.length - (list.length % cols)));
          const [whole, scale] = storedAs('int8', 'a/kernel', [values.length / cols, cols], values);
          const steps = toF32(scale!.bytes, 'F32');
          const back = toF32(whole!.bytes, 'I8').map((value, i) => value * steps[i % cols]!);
          values.forEach((value, i) =>
            expect(Math.abs(back[i]! - value)).toBeLessThanOrEqual(0.5001 * steps[i % cols]! + 1e-43),
          );
        },
      ),
    );
  });

  it('names the tensor that does not fit f16', () => {
    expect(() => storedAs('f16', 'a/kernel', [1, 2], Float32Array.of(1, 70_000))).toThrow(
      /a\/kernel holds 70000 at index 1/,
    );
  });
});
