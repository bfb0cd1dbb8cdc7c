import type { TransformerConfig } from './config.ts';
import { positionCount, type Grid } from './grid.ts';

type Shapes = Map<string, readonly number[]>;

/** Rows of the word embeddings: codes, classes and "no class" where they are tokens, mask. */
export function vocabularySize({ codebook, classes, nullClass, placement }: TransformerConfig): number {
  if (placement === 'adaptive') return codebook + 1;
  return codebook + classes + (nullClass ? 1 : 0) + 1;
}

/** Columns of query, key and value each: all heads side by side. */
export function attentionWidth({ width, heads, headWidth }: TransformerConfig): number {
  return headWidth === undefined ? width : heads * headWidth;
}

/** Rows of a sequence: the grid's, the registers, and the class where it is a token. */
export function sequenceLength({ placement, registers = 0 }: TransformerConfig, grid: Grid): number {
  return positionCount(grid) + registers + (placement === 'adaptive' ? 0 : 1);
}

/** Whether the products that make query, key and value have biases. */
export function hasQkvBias({ attentionBias = true, qkvBias = attentionBias }: TransformerConfig): boolean {
  return qkvBias;
}

/** Whether a layer of a U-ViT joins what its mirror image gave out. */
export function joinsSkip({ longSkips, layers }: TransformerConfig, index: number): boolean {
  return longSkips === true && index > (layers - 1) / 2;
}

/** Every weight of a transformer, in the order of first use, by the official names where the thing is the same. */
export function transformerShapes(config: TransformerConfig, grid: Grid): Shapes {
  const shapes: Shapes = new Map();
  const { width, layers, classes, registers = 0, placement = 'post' } = config;
  shapes.set('Embed_0/word_embeddings/embedding', [vocabularySize(config), width]);
  shapes.set('Embed_0/position_embeddings/embedding', [sequenceLength(config, grid) - registers, width]);
  if (registers > 0) shapes.set('Embed_0/register_embeddings/embedding', [registers, width]);
  if (placement === 'adaptive') shapes.set('Embed_0/class_embeddings/embedding', [classes + 1, width]);
  else addNorm(shapes, 'Embed_0/embeddings_ln', width);
  if (config.embeddingMlp) {
    addDense(shapes, 'Embed_0/intermediate_output', width, width);
    addNorm(shapes, 'Embed_0/intermediate_ln', width);
    addDense(shapes, 'Embed_0/layer_output', width, width);
  }
  for (let i = 0; i < layers; i++) {
    if (joinsSkip(config, i)) addDense(shapes, `TransformerLayer_${i}/skip`, 2 * width, width);
    addLayer(shapes, `TransformerLayer_${i}`, config);
  }
  addHead(shapes, config, grid);
  return shapes;
}

function addLayer(shapes: Shapes, layer: string, config: TransformerConfig): void {
  const { width, placement = 'post', attentionBias } = config;
  const inner = attentionWidth(config);
  const [self, block] = [`${layer}/Attention_0`, `${layer}/Mlp_0`];
  const addInputNorm = (part: string): void => {
    if (placement === 'pre') addNorm(shapes, `${part}/input_norm`, width);
    if (placement === 'adaptive') shapes.set(`${part}/input_norm/scale`, [width]);
  };
  if (placement === 'adaptive') addDense(shapes, `${layer}/modulation`, width, 6 * width);
  addInputNorm(self);
  for (const part of ['query', 'key', 'value']) {
    addDense(shapes, `${self}/self_attention/${part}`, width, inner, hasQkvBias(config));
  }
  addDense(shapes, `${self}/self_attention/out`, inner, width, attentionBias);
  if (placement === 'post') addNorm(shapes, `${self}/attention_output_ln`, width);
  addInputNorm(block);
  addFeedForward(shapes, block, config);
  if (placement === 'post') addNorm(shapes, `${block}/layer_output_ln`, width);
}

function addFeedForward(shapes: Shapes, block: string, { width, mlp, feedForward }: TransformerConfig): void {
  const hasBias = feedForward !== 'swiglu';
  if (feedForward === 'swiglu') addDense(shapes, `${block}/gate_output`, width, mlp, hasBias);
  addDense(shapes, `${block}/intermediate_output`, width, mlp, hasBias);
  addDense(shapes, `${block}/layer_output`, mlp, width, hasBias);
}

function addHead(shapes: Shapes, config: TransformerConfig, grid: Grid): void {
  const { width, placement = 'post', positionBias } = config;
  if (placement === 'adaptive') addDense(shapes, 'MlmLayer_0/modulation', width, 2 * width);
  if (placement !== 'post') addNorm(shapes, 'MlmLayer_0/input_norm', width);
  if (placement !== 'adaptive') {
    addDense(shapes, 'MlmLayer_0/mlm_dense', width, width);
    addNorm(shapes, 'MlmLayer_0/mlm_ln', width);
  }
  const rows = positionBias ? [sequenceLength(config, grid)] : [];
  shapes.set('MlmLayer_0/mlm_bias/bias', [...rows, vocabularySize(config)]);
}

function addDense(shapes: Shapes, name: string, rows: number, cols: number, hasBias = true): void {
  shapes.set(`${name}/kernel`, [rows, cols]);
  if (hasBias) shapes.set(`${name}/bias`, [cols]);
}

function addNorm(shapes: Shapes, name: string, width: number): void {
  shapes.set(`${name}/scale`, [width]);
  shapes.set(`${name}/bias`, [width]);
}
