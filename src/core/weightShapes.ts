import type { ModelConfig, TransformerConfig } from './config.ts';
import { positionCount, type Grid } from './grid.ts';
import { tokenizerShapes } from './tokenizerShapes.ts';

type Shapes = Map<string, readonly number[]>;

/**
 * Every weight that a model of this configuration has, in the order of first use: transformer, codebook, decoder,
 * encoder. Names are the official code's without `params/`; conv kernels are [height, width, in, out], dense ones
 * [in, out] with the heads flattened.
 */
export function weightShapes({ grid, tokenizer, transformer }: ModelConfig): ReadonlyMap<string, readonly number[]> {
  const shapes: Shapes = new Map();
  if (transformer) addTransformer(shapes, transformer, grid);
  if (tokenizer) for (const [name, shape] of tokenizerShapes(tokenizer)) shapes.set(name, shape);
  return shapes;
}

/** Rows of the word embeddings: codes, classes, "no class" where there is one, mask. */
export function vocabularySize({ codebook, classes, nullClass }: TransformerConfig): number {
  return codebook + classes + (nullClass ? 1 : 0) + 1;
}

function addTransformer(shapes: Shapes, config: TransformerConfig, grid: Grid): void {
  const { width, layers, mlp } = config;
  shapes.set('Embed_0/word_embeddings/embedding', [vocabularySize(config), width]);
  shapes.set('Embed_0/position_embeddings/embedding', [1 + positionCount(grid), width]);
  addNorm(shapes, 'Embed_0/embeddings_ln', width);
  for (let i = 0; i < layers; i++) {
    const layer = `TransformerLayer_${i}`;
    for (const part of ['query', 'key', 'value', 'out']) {
      addDense(shapes, `${layer}/Attention_0/self_attention/${part}`, width, width);
    }
    addNorm(shapes, `${layer}/Attention_0/attention_output_ln`, width);
    addDense(shapes, `${layer}/Mlp_0/intermediate_output`, width, mlp);
    addDense(shapes, `${layer}/Mlp_0/layer_output`, mlp, width);
    addNorm(shapes, `${layer}/Mlp_0/layer_output_ln`, width);
  }
  addDense(shapes, 'MlmLayer_0/mlm_dense', width, width);
  addNorm(shapes, 'MlmLayer_0/mlm_ln', width);
  shapes.set('MlmLayer_0/mlm_bias/bias', [vocabularySize(config)]);
}

function addDense(shapes: Shapes, name: string, rows: number, cols: number): void {
  shapes.set(`${name}/kernel`, [rows, cols]);
  shapes.set(`${name}/bias`, [cols]);
}

function addNorm(shapes: Shapes, name: string, width: number): void {
  shapes.set(`${name}/scale`, [width]);
  shapes.set(`${name}/bias`, [width]);
}
