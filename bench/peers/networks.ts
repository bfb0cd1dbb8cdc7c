import { attentionWidth } from '../../src/core/transformerShapes.ts';
import { firstOfGrid, vocabularyRows } from '../../src/models/vocabulary.ts';
import type { PeerModel } from './weights.ts';

/** The operations that the transformer is made of, in a peer's own best form. */
export interface TransformerOps<T> {
  /** Rows of `table` by the ids that are the input, plus a place each. */
  embed(table: string, places: string): T;
  /** layerNorm(x + skip + bias): what follows every product with a residual. */
  addNorm(sum: { readonly x: T; readonly skip?: T; readonly bias?: string }, norm: string): T;
  /** Self-attention of x, before the output product. `name` holds query, key and value. */
  attend(x: T, name: string): T;
  /** x · kernel, without its bias. */
  product(x: T, name: string, shape: readonly [inWidth: number, outWidth: number]): T;
  /** gelu(x + bias) */
  biasGelu(x: T, bias: string): T;
  gridRows(x: T, first: number): T;
  /** x · codesᵀ + bias of the codes */
  logits(x: T, words: string, bias: string): T;
}

/** The official transformer (src/models/transformer.ts) in another runtime's operations. */
export function walkTransformer<T>(ops: TransformerOps<T>, { config }: PeerModel): T {
  const { width, mlp, layers } = config.transformer;
  const inner = attentionWidth(config.transformer);
  const words = 'Embed_0/word_embeddings/embedding';
  let h = ops.addNorm({ x: ops.embed(words, 'Embed_0/position_embeddings/embedding') }, 'Embed_0/embeddings_ln');
  for (let i = 0; i < layers; i++) {
    const [self, block] = [`TransformerLayer_${i}/Attention_0`, `TransformerLayer_${i}/Mlp_0`];
    const out = `${self}/self_attention/out`;
    const attended = ops.product(ops.attend(h, `${self}/self_attention`), out, [inner, width]);
    const a = ops.addNorm({ x: attended, skip: h, bias: `${out}/bias` }, `${self}/attention_output_ln`);
    const hidden = ops.product(a, `${block}/intermediate_output`, [width, mlp]);
    const wide = ops.biasGelu(hidden, `${block}/intermediate_output/bias`);
    const narrow = ops.product(wide, `${block}/layer_output`, [mlp, width]);
    h = ops.addNorm({ x: narrow, skip: a, bias: `${block}/layer_output/bias` }, `${block}/layer_output_ln`);
  }
  const rows = ops.gridRows(h, firstOfGrid(config.transformer));
  const m = ops.biasGelu(ops.product(rows, 'MlmLayer_0/mlm_dense', [width, width]), 'MlmLayer_0/mlm_dense/bias');
  return ops.logits(ops.addNorm({ x: m }, 'MlmLayer_0/mlm_ln'), words, 'MlmLayer_0/mlm_bias/bias');
}

/** The ids of the vocabulary that a sequence consists of: [classes.length, 1 + positions]. */
export function sequenceIds(tokens: Int32Array, classes: readonly number[], { config }: PeerModel): Int32Array {
  const { codes, firstClass, classCount, nullRow, maskRow } = vocabularyRows(config.transformer);
  const length = tokens.length + 1;
  const ids = new Int32Array(classes.length * length);
  classes.forEach((id, s) => {
    ids[s * length] = id >= 0 && id < classCount ? firstClass + id : nullRow;
    tokens.forEach((token, p) => (ids[s * length + 1 + p] = token >= 0 && token < codes ? token : maskRow));
  });
  return ids;
}

export interface ConvShape {
  readonly size: 1 | 3;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly hasBias: boolean;
}

/** The operations that the decoder is made of; x holds a picture in the runtime's own layout. */
export interface DecoderOps<T> {
  /** Entries of the codebook by the tokens that are the input, as a picture. */
  lookup(table: string): T;
  conv(x: T, name: string, shape: ConvShape): T;
  /** silu(groupNorm(x)) */
  normSilu(x: T, name: string, channels: number): T;
  add(a: T, b: T): T;
  /** Every pixel twice in both directions. */
  enlarge(x: T): T;
}

/** The official decoder (src/models/vqgan.ts) in another runtime's operations. */
export function walkDecoder<T>(ops: DecoderOps<T>, { config }: PeerModel): T {
  const { filters, multipliers, resBlocks, decoderBlocks = resBlocks, embedding, blockBiases } = config.tokenizer;
  const hasBias = blockBiases ?? false;
  let blocks = 0;
  const residual = (x: T, inChannels: number, outChannels: number): T => {
    const name = `decoder/ResBlock_${blocks++}`;
    const shape = { size: 3, inChannels, outChannels, hasBias } as const;
    const first = ops.conv(ops.normSilu(x, `${name}/GroupNorm_0`, inChannels), `${name}/Conv_0`, shape);
    const normed = ops.normSilu(first, `${name}/GroupNorm_1`, outChannels);
    const h = ops.conv(normed, `${name}/Conv_1`, { ...shape, inChannels: outChannels });
    if (inChannels === outChannels) return ops.add(x, h);
    return ops.add(h, ops.conv(h, `${name}/Conv_2`, { ...shape, size: 1, inChannels: outChannels }));
  };
  const levels = multipliers.length;
  const channelsOf = (level: number): number => filters * multipliers[level]!;
  let channels = channelsOf(levels - 1);
  const first = { size: 3, inChannels: embedding, outChannels: channels, hasBias: true } as const;
  let x = ops.conv(ops.lookup('quantizer/codebook'), 'decoder/Conv_0', first);
  for (let i = 0; i < resBlocks; i++) x = residual(x, channels, channels);
  for (let level = levels - 1; level >= 0; level--) {
    for (let i = 0; i < decoderBlocks; i++) {
      x = residual(x, channels, channelsOf(level));
      channels = channelsOf(level);
    }
    if (level === 0) continue;
    const shape = { size: 3, inChannels: channels, outChannels: channels, hasBias: true } as const;
    x = ops.conv(ops.enlarge(x), `decoder/Conv_${levels - level}`, shape);
  }
  x = ops.normSilu(x, 'decoder/GroupNorm_0', channels);
  return ops.conv(x, `decoder/Conv_${levels}`, { size: 3, inChannels: channels, outChannels: 3, hasBias: true });
}
