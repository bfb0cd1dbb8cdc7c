import { existsSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { openFile } from '../../src/cli/files.ts';
import { folderSource } from '../../src/cli/models.ts';
import { neverStop } from '../../src/cli/session.ts';
import type { ModelConfig } from '../../src/core/config.ts';
import { MASK } from '../../src/core/grid.ts';
import { parseManifest } from '../../src/core/parseManifest.ts';
import { defaultSettings } from '../../src/core/request.ts';
import { generateSteps } from '../../src/engine/generate.ts';
import { recordLogits } from '../../src/engine/programs.ts';
import { openWeightFiles } from '../../src/engine/weights.ts';
import * as attention from '../../src/kernels/attention.ref.ts';
import * as classVector from '../../src/kernels/classVector.ref.ts';
import * as embed from '../../src/kernels/embed.ref.ts';
import * as gatedSum from '../../src/kernels/gatedSum.ref.ts';
import * as gridRows from '../../src/kernels/gridRows.ref.ts';
import * as linear from '../../src/kernels/linear.ref.ts';
import * as rmsNorm from '../../src/kernels/rmsNorm.ref.ts';
import * as swiglu from '../../src/kernels/swiglu.ref.ts';
import { plainCapabilities } from '../../src/program/capabilities.ts';
import { interpret, type Values } from '../../src/program/interpret.ts';
import { ingredientsOf, prepareWeight } from '../../src/program/recipe.ts';
import { writeSafetensorsFile } from './checkpointFiles.ts';
import { hashedValues, type HashedTensor } from './hashed.ts';
import { cache, imported, largestBinding, measured } from './measured.ts';
import { haltonTiny, llamaGenVq16 } from './peerNetworks.ts';
import { expectWithin } from './results.ts';

const network = 'Halton tiny, LlamaGen VQ-16';
const positions = 256;
const codebook = 16_384;

const valuesIn = (tensors: readonly HashedTensor[]): number =>
  tensors.reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0);

async function checkpoint(tag: string, tensors: readonly HashedTensor[]): Promise<string> {
  const path = join(cache, `${tag}.safetensors`);
  if (existsSync(path)) return path;
  await mkdir(cache, { recursive: true });
  const written = tensors.map((tensor) => ({ ...tensor, values: () => hashedValues(tag, tensor) }));
  await writeSafetensorsFile(`${path}.part`, written);
  await rename(`${path}.part`, path);
  return path;
}

describe('Halton-MaskGIT tiny with LlamaGen’s VQ-16', () => {
  let folder: string;
  let config: ModelConfig;
  beforeAll(async () => {
    const transformer = await checkpoint('halton-tiny', haltonTiny());
    const tokenizer = await checkpoint('llamagen-vq16', llamaGenVq16());
    folder = await imported('halton', { transformer, tokenizer });
    const source = folderSource(folder);
    ({ config } = parseManifest(await source.manifest(neverStop), source.name));
  });

  it('are as large as their published files', () => {
    expect(valuesIn(haltonTiny())).toBe(23_031_425);
    expect(valuesIn(llamaGenVq16())).toBe(71_948_939 - 65_536); // without the note of which entries were used
    expect(config).toMatchObject({
      image: { size: 256 },
      tokenizer: { multipliers: [1, 1, 2, 2, 4], groups: 32, codebook, attention: true },
      transformer: { width: 384, layers: 6, heads: 6, codebook, classes: 1000 },
    });
  });

  it.each([true, false])('fit what every adapter can bind (software: %s)', (isFallback) => {
    expect(largestBinding(network, config, isFallback)).toBeLessThanOrEqual(128 * 2 ** 20);
  });

  it('give the logits of their own formulas in doubles', async () => {
    // A third of the grid is masked.
    const tokens = Int32Array.from({ length: positions }, (_, p) => (p % 3 === 0 ? MASK : (p * 7919) % codebook));
    const found = await measured(network, 'logits', folder, (session) => session.logits(tokens, 207));
    const wanted = await logitsInDoubles(tokens, 207);
    expectWithin('logits', found, wanted, 2e-4);
  });

  it('paint a guided step', async () => {
    const settings = { ...defaultSettings, steps: 2, guidanceScale: 1 };
    const request = { classId: 207, seed: 1, settings };
    const record = await measured(network, 'guided step', folder, async (session) => {
      for await (const each of generateSteps(session, request, neverStop)) return each;
      throw new Error('a run without a step');
    });
    expect(record.guess.every((code) => code >= 0 && code < codebook)).toBe(true);
    expect(new Set(record.guess).size).toBeGreaterThan(100);
    expect(record.tokens.filter((code) => code === MASK)).toHaveLength(181); // ⌊256 · cos(π/4)⌋
    expect(record.logProb.every((value) => Number.isFinite(value) && value <= 0)).toBe(true);
  });

  it('decode every kind of code to numbers', async () => {
    const tokens = Int32Array.from({ length: positions }, (_, p) => p * (codebook / positions));
    const pixels = await measured(network, 'decode', folder, (session) => session.decode(tokens));
    expect(pixels.every(Number.isFinite)).toBe(true);
    expect(new Set(pixels).size).toBeGreaterThan(10_000);
  });

  it('encode a picture to codes', async () => {
    const picture = Float32Array.from({ length: 256 * 256 * 3 }, (_, i) => ((i * 7919) % 1009) / 1008);
    const { latent, tokens } = await measured(network, 'encode', folder, (session) => session.encode(picture));
    expect(latent.every(Number.isFinite)).toBe(true);
    expect(tokens.every((code) => code >= 0 && code < codebook)).toBe(true);
  });

  /** The same logits by the references of the kernels, on the CPU. */
  async function logitsInDoubles(tokens: Int32Array, classId: number): Promise<Values> {
    const { program, tensors } = recordLogits(config, plainCapabilities);
    const source = folderSource(folder);
    const { shards } = parseManifest(await source.manifest(neverStop), source.name);
    const files = await Promise.all(shards.map(({ file }) => openFile(join(folder, file))));
    const weights = await openWeightFiles(files);
    const inputs = new Map<string, Values>([
      [tensors.tokens.label, tokens],
      [tensors.classes.label, Int32Array.of(classId)],
    ]);
    for (const [label, recipe] of program.recipes) {
      const parts = [];
      for (const name of ingredientsOf(recipe)) parts.push(await weights.read(name));
      inputs.set(label, Float64Array.from(prepareWeight(recipe, parts)));
    }
    for (const file of files) await file.close();
    return interpret(program, references, inputs).get(tensors.logits.storage)!;
  }
});

const references = {
  ...attention,
  ...classVector,
  ...embed,
  ...gatedSum,
  ...gridRows,
  ...linear,
  ...rmsNorm,
  ...swiglu,
};
