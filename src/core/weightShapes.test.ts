import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { officialConfig } from '../testing/officialConfig.ts';
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
  const { tokenizer, transformer, ...common } = officialConfig(size);
  describe(`the official model for ${size} pixels`, () => {
    it('has the tokenizer weights that we ask for', () => {
      const shapes = weightShapes({ ...common, tokenizer });
      expect(sorted(shapes)).toEqual(sorted(official(`tokenizer_imagenet${size}`)));
    });
    it('has the transformer weights that we ask for', () => {
      const shapes = weightShapes({ ...common, transformer });
      expect(sorted(shapes)).toEqual(sorted(official(`maskgit_imagenet${size}`)));
    });
  });
}

describe('the published transformers of others', () => {
  const common = { codebook: 1024, classes: 1000, nullClass: true, layerEps: 1e-5, gelu: 'erf' } as const;
  const valeo = {
    ...common,
    width: 768,
    layers: 24,
    heads: 16,
    mlp: 3072,
    placement: 'pre',
    classToken: 'last',
  } as const;
  const muse = { ...common, width: 768, layers: 13, heads: 12, mlp: 3072, placement: 'pre' } as const;
  const halton = {
    ...common,
    width: 384,
    layers: 6,
    heads: 6,
    mlp: 1024,
    codebook: 16_384,
    placement: 'adaptive',
  } as const;
  it.each([
    {
      title: 'valeo.ai’s first, for 256 pixels',
      transformer: { ...valeo, embeddingMlp: true, positionBias: true },
      values: 174_160_874,
    },
    {
      title: 'MUSE U-ViT-B',
      transformer: { ...muse, longSkips: true, qkvBias: false },
      values: 101_545_707 - 257, // the numbers of the positions are no weights
    },
    {
      title: 'Halton-MaskGIT tiny',
      transformer: { ...halton, feedForward: 'swiglu', attentionBias: false, registers: 1 } as const,
      values: 23_031_425,
    },
  ])('have as many values as we ask for: $title', ({ transformer, values }) => {
    const grid = { rows: 16, cols: 16 };
    const shapes = weightShapes({ image: { size: 256, pixelArt: false }, grid, transformer });
    const counts = [...shapes.values()].map((shape) => shape.reduce((a, b) => a * b, 1));
    expect(counts.reduce((a, b) => a + b, 0)).toBe(values);
  });
});
