import { createHash } from 'node:crypto';
import type { ModelConfig } from '../core/config.ts';
import { weightShapes } from '../core/weightShapes.ts';
import { tensorOut, writeSafetensors, type TensorOut } from '../formats/writeSafetensors.ts';
import { normal } from './values.ts';

/** A model of 16 × 16 pixels and 4 × 4 tokens that every part of the engine can run in milliseconds. */
export const toyConfig: ModelConfig = {
  image: { size: 16, pixelArt: false },
  grid: { rows: 4, cols: 4 },
  tokenizer: {
    filters: 8,
    multipliers: [1, 1, 2],
    resBlocks: 1,
    groups: 4,
    groupEps: 1e-6,
    embedding: 8,
    codebook: 32,
  },
  transformer: {
    width: 32,
    layers: 2,
    heads: 2,
    mlp: 64,
    codebook: 32,
    classes: 3,
    nullClass: true,
    layerEps: 1e-12,
    gelu: 'tanh',
  },
};

/** Random weights of a configuration, small enough that activations stay near 1. */
export function toyWeights(config: ModelConfig = toyConfig): TensorOut[] {
  return [...weightShapes(config)].map(([name, shape], i) => {
    const fanIn = shape.slice(0, -1).reduce((a, b) => a * b, 1);
    if (name.endsWith('/scale'))
      return tensorOut(
        name,
        shape,
        normal(shape, i, 0.1).map((value) => 1 + value),
      );
    return tensorOut(name, shape, normal(shape, i, name.endsWith('/kernel') ? 1 / Math.sqrt(fanIn) : 0.5));
  });
}

/** The files of a model, as a server or a folder holds them. */
export type ModelFiles = Map<string, Uint8Array<ArrayBuffer>>;

/** model.json and one shard of these weights, whose size and hash model.json knows. */
export function toyFiles(
  config: ModelConfig = toyConfig,
  weights: readonly TensorOut[] = toyWeights(config),
): ModelFiles {
  const shard = writeSafetensors(weights);
  const manifest = {
    format: 'unmask-model',
    version: 1,
    id: 'toy',
    name: 'Toy',
    config,
    classes: [],
    shards: [
      { file: 'toy.safetensors', sizeBytes: shard.length, sha256: createHash('sha256').update(shard).digest('hex') },
    ],
  };
  const json = new TextEncoder().encode(JSON.stringify(manifest));
  return new Map([
    ['model.json', json],
    ['toy.safetensors', shard],
  ]);
}

/** A server of these files in the place of `fetch`. */
export function serveFiles(files: ModelFiles): typeof fetch {
  return (async (url: string) => {
    const file = files.get(url.split('/').at(-1)!);
    return file === undefined ? new Response('', { status: 404 }) : new Response(file);
  }) as typeof fetch;
}
