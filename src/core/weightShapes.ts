import type { ModelConfig, TokenizerConfig, TransformerConfig } from './config.ts';
import { positionCount, type Grid } from './grid.ts';

type Shapes = Map<string, readonly number[]>;

/**
 * Every weight that a model of this configuration has, in the order of first use: transformer, codebook, decoder,
 * encoder. Names are the official code's without `params/`; conv kernels are [height, width, in, out], dense ones
 * [in, out] with the heads flattened.
 */
export function weightShapes({ grid, tokenizer, transformer }: ModelConfig): ReadonlyMap<string, readonly number[]> {
  const shapes: Shapes = new Map();
  if (transformer) addTransformer(shapes, transformer, grid);
  if (tokenizer) {
    shapes.set('quantizer/codebook', [tokenizer.codebook, tokenizer.embedding]);
    addDecoder(shapes, tokenizer);
    addEncoder(shapes, tokenizer);
  }
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

function addDecoder(shapes: Shapes, { filters, multipliers, resBlocks, embedding }: TokenizerConfig): void {
  const levels = multipliers.length;
  let channels = filters * multipliers.at(-1)!;
  addConv(shapes, 'decoder/Conv_0', 3, embedding, channels);
  let block = 0;
  const addBlocks = (out: number): void => {
    for (let i = 0; i < resBlocks; i++, channels = out) {
      addResBlock(shapes, `decoder/ResBlock_${block++}`, channels, out);
    }
  };
  addBlocks(channels);
  for (let level = levels - 1; level >= 0; level--) {
    addBlocks(filters * multipliers[level]!);
    if (level > 0) addConv(shapes, `decoder/Conv_${levels - level}`, 3, channels, channels);
  }
  addNorm(shapes, 'decoder/GroupNorm_0', channels);
  addConv(shapes, `decoder/Conv_${levels}`, 3, channels, 3);
}

function addEncoder(shapes: Shapes, { filters, multipliers, resBlocks, embedding }: TokenizerConfig): void {
  shapes.set('encoder/Conv_0/kernel', [3, 3, 3, filters]);
  let channels = filters;
  let block = 0;
  // Every level's blocks, then as many at the lowest level again.
  for (const multiplier of [...multipliers, multipliers.at(-1)!]) {
    for (let i = 0; i < resBlocks; i++, channels = filters * multiplier) {
      addResBlock(shapes, `encoder/ResBlock_${block++}`, channels, filters * multiplier);
    }
  }
  addNorm(shapes, 'encoder/GroupNorm_0', channels);
  addConv(shapes, 'encoder/Conv_1', 1, channels, embedding);
}

/** The official shortcut Conv_2 works on the block's output (out → out), where the channels change. */
function addResBlock(shapes: Shapes, name: string, channels: number, out: number): void {
  addNorm(shapes, `${name}/GroupNorm_0`, channels);
  shapes.set(`${name}/Conv_0/kernel`, [3, 3, channels, out]);
  addNorm(shapes, `${name}/GroupNorm_1`, out);
  shapes.set(`${name}/Conv_1/kernel`, [3, 3, out, out]);
  if (channels !== out) shapes.set(`${name}/Conv_2/kernel`, [1, 1, out, out]);
}

function addConv(shapes: Shapes, name: string, side: number, channels: number, out: number): void {
  shapes.set(`${name}/kernel`, [side, side, channels, out]);
  shapes.set(`${name}/bias`, [out]);
}

function addDense(shapes: Shapes, name: string, rows: number, cols: number): void {
  shapes.set(`${name}/kernel`, [rows, cols]);
  shapes.set(`${name}/bias`, [cols]);
}

function addNorm(shapes: Shapes, name: string, width: number): void {
  shapes.set(`${name}/scale`, [width]);
  shapes.set(`${name}/bias`, [width]);
}
