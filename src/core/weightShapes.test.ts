import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ModelConfig } from './config.ts';
import { weightShapes } from './weightShapes.ts';

/** Name → shape as Google's own files have them, heads flattened as we store them. */
function official(file: string): Map<string, readonly number[]> {
  const url = new URL(`../../golden/official-layout/${file}.params.json`, import.meta.url);
  const { params } = JSON.parse(readFileSync(url, 'utf8')) as { params: { name: string; shape: number[] }[] };
  return new Map(params.map(({ name, shape }) => [name.replace('params/', ''), flattened(name, shape)]));
}

function flattened(name: string, shape: number[]): number[] {
  if (!name.includes('self_attention')) return shape;
  return name.endsWith('bias') ? [768] : [768, 768];
}

const sorted = (shapes: ReadonlyMap<string, readonly number[]>): unknown =>
  [...shapes].toSorted(([a], [b]) => (a < b ? -1 : 1));

for (const size of [256, 512]) {
  const image = { size, pixelArt: false };
  const grid = { rows: size / 16, cols: size / 16 };
  describe(`the official model for ${size} pixels`, () => {
    it('has the tokenizer weights that we ask for', () => {
      const tokenizer = {
        filters: 128,
        multipliers: [1, 1, 2, 2, 4],
        resBlocks: 2,
        groups: 32,
        groupEps: 1e-6,
        embedding: 256,
        codebook: 1024,
      };
      const config: ModelConfig = { image, grid, tokenizer };
      expect(sorted(weightShapes(config))).toEqual(sorted(official(`tokenizer_imagenet${size}`)));
    });
    it('has the transformer weights that we ask for', () => {
      const transformer = {
        width: 768,
        layers: 24,
        heads: 16,
        mlp: 3072,
        codebook: 1024,
        classes: 1000,
        nullClass: false,
        layerEps: 1e-12,
        gelu: 'tanh',
      } as const;
      const config: ModelConfig = { image, grid, transformer };
      expect(sorted(weightShapes(config))).toEqual(sorted(official(`maskgit_imagenet${size}`)));
    });
  });
}
