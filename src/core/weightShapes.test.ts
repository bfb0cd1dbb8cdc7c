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
