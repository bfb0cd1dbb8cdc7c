import type { ModelConfig } from './config.ts';
import { tokenizerShapes } from './tokenizerShapes.ts';
import { transformerShapes } from './transformerShapes.ts';

/**
 * Every weight that a model of this configuration has, in the order of first use: transformer, codebook, decoder,
 * encoder. Names are the official code's without `params/`; conv kernels are [height, width, in, out], dense ones
 * [in, out] with the heads flattened.
 */
export function weightShapes({ grid, tokenizer, transformer }: ModelConfig): ReadonlyMap<string, readonly number[]> {
  return new Map([
    ...(transformer ? transformerShapes(transformer, grid) : []),
    ...(tokenizer ? tokenizerShapes(tokenizer) : []),
  ]);
}
