import type { TokenizerVariant, TransformerConfig, TransformerVariant } from '../../core/config.ts';
import type { Relayout } from './relayout.ts';

/** Where an official weight comes from: a tensor of the file, or one of three equal parts of its rows (q, k, v). */
export interface Origin {
  readonly from: string;
  readonly layout: Relayout;
  readonly third?: 0 | 1 | 2;
}

/** How a program of others names the tensors of an official network. */
export interface Layout {
  /** What people call it. */
  readonly title: string;
  readonly rules: (names: readonly string[]) => readonly Rule[];
  /** Tensors that must equal an official weight bit by bit and are left out then. */
  readonly copies?: Readonly<Record<string, string>>;
  /** Tensors that only its training needs. */
  readonly ignored?: RegExp;
  /** What its tokenizers make differently from the official one. */
  readonly variant?: TokenizerVariant;
  /** What the shapes of its transformers do not tell; absent: as in the official one. */
  readonly untold?: Untold;
}

/** What no shape of a transformer tells. */
export interface Untold extends Pick<TransformerConfig, 'layerEps' | 'gelu' | 'nullClass'> {
  /** Heads of the published sizes, by the width. */
  readonly heads: ReadonlyMap<number, number>;
  readonly variant: TransformerVariant;
}

/** What no shape of the official transformer tells. */
export const officialUntold: Untold = {
  layerEps: 1e-12,
  gelu: 'tanh',
  nullClass: false,
  heads: new Map([[768, 16]]),
  variant: {},
};

export interface Rule {
  readonly pattern: RegExp;
  /** Official names, from the numbers in the file's name; three when q, k and v are fused. */
  readonly to: (numbers: readonly number[], leaf: string) => readonly string[];
  readonly layout: (leaf: string) => Relayout;
}

export type Naming = (numbers: readonly number[]) => string;
const leaves = '(weight|bias)';
const patternOf = (text: string, end: string): RegExp =>
  new RegExp(`^${text.replaceAll('.', '\\.').replaceAll('#', '(\\d+)')}${end}$`);

/** A tensor without parts, taken as it is, or without leading sides of 1. */
export const table = (text: string, to: string, layout: 'same' | 'unbatched' = 'same'): Rule => ({
  pattern: patternOf(text, ''),
  to: () => [to],
  layout: () => layout,
});
export const norm = (text: string, to: Naming): Rule => ({
  pattern: patternOf(text, `\\.${leaves}`),
  to: (numbers, leaf) => [`${to(numbers)}/${leaf === 'weight' ? 'scale' : 'bias'}`],
  layout: () => 'same',
});
const product =
  (layout: Relayout) =>
  (text: string, to: Naming): Rule => ({
    pattern: patternOf(text, `\\.${leaves}`),
    to: (numbers, leaf) => [`${to(numbers)}/${leaf === 'weight' ? 'kernel' : 'bias'}`],
    layout: (leaf) => (leaf === 'weight' ? layout : 'same'),
  });
export const dense = product('dense');
export const conv = product('conv');
/** Rows of q, k, v in one matrix; `text` ends in what stands before `weight`: `in_proj_` in MultiheadAttention. */
export const fused = (text: string, to: Naming): Rule => ({
  pattern: patternOf(text, leaves),
  to: (numbers, leaf) =>
    ['query', 'key', 'value'].map((part) => `${to(numbers)}/${part}/${leaf === 'weight' ? 'kernel' : 'bias'}`),
  layout: (leaf) => (leaf === 'weight' ? 'dense' : 'same'),
});

/** The origins of all official weights among these names; names that no rule knows keep theirs. */
export function originsOf(layout: Layout, names: readonly string[]): Map<string, Origin> {
  const rules = layout.rules(names);
  const origins = new Map<string, Origin>();
  for (const from of names) {
    if (layout.copies && Object.hasOwn(layout.copies, from)) continue;
    if (layout.ignored?.test(from)) continue;
    for (const [to, origin] of placesOf(from, rules)) origins.set(to, origin);
  }
  return origins;
}

function placesOf(from: string, rules: readonly Rule[]): readonly (readonly [string, Origin])[] {
  for (const rule of rules) {
    const groups = rule.pattern.exec(from)?.slice(1);
    if (groups === undefined) continue;
    const leaf = groups.at(-1) ?? '';
    const names = rule.to(groups.map(Number), leaf);
    const layout = rule.layout(leaf);
    if (names.length === 1) return [[names[0]!, { from, layout }]];
    return names.map((name, i) => [name, { from, layout, third: i as 0 | 1 | 2 }]);
  }
  return [[from, { from, layout: 'same' }]];
}

export const official: Layout = { title: 'official MaskGIT (Flax)', rules: () => [] };

export const layer =
  (path: string): Naming =>
  ([i]) =>
    `TransformerLayer_${i}/${path}`;
export const always =
  (path: string): Naming =>
  () =>
    path;

/** github.com/hmorimitsu/maskgit-torch: the official weights in PyTorch's own modules. */
export const maskgitTorchTransformer: Layout = {
  title: 'MaskGIT transformer (maskgit-torch)',
  rules: () => [
    table('tok_emb.weight', 'Embed_0/word_embeddings/embedding'),
    table('pos_emb', 'Embed_0/position_embeddings/embedding'),
    table('bias', 'MlmLayer_0/mlm_bias/bias'),
    norm('emb_ln', always('Embed_0/embeddings_ln')),
    fused('blocks.#.MultiHeadAttention.in_proj_', layer('Attention_0/self_attention')),
    dense('blocks.#.MultiHeadAttention.out_proj', layer('Attention_0/self_attention/out')),
    norm('blocks.#.AttentionLN', layer('Attention_0/attention_output_ln')),
    dense('blocks.#.MLP.0', layer('Mlp_0/intermediate_output')),
    dense('blocks.#.MLP.2', layer('Mlp_0/layer_output')),
    norm('blocks.#.MlpLN', layer('Mlp_0/layer_output_ln')),
    dense('Token_Prediction.0', always('MlmLayer_0/mlm_dense')),
    norm('Token_Prediction.2', always('MlmLayer_0/mlm_ln')),
  ],
};

/** open-muse and UnlockMGM: the official names with PyTorch's layouts; the tied head is written twice. */
export const openMuseTransformer: Layout = {
  title: 'MaskGIT transformer (open-muse)',
  copies: { 'mlm_layer.to_logits.weight': 'Embed_0/word_embeddings/embedding' },
  // What UnlockMGM trained beside the unchanged weights, for its own sampler.
  ignored: /^(decoders\.|top_down_transform|cls_anchor_gen)/,
  rules: () => [
    table('embed.word_embeddings.weight', 'Embed_0/word_embeddings/embedding'),
    table('embed.position_embeddings.weight', 'Embed_0/position_embeddings/embedding'),
    table('mlm_layer.to_logits.bias', 'MlmLayer_0/mlm_bias/bias'),
    norm('embed.embeddings_ln', always('Embed_0/embeddings_ln')),
    ...['query', 'key', 'value', 'out'].map((part) =>
      dense(`transformer_layers.#.attention.${part}`, layer(`Attention_0/self_attention/${part}`)),
    ),
    norm('transformer_layers.#.attn_layer_norm', layer('Attention_0/attention_output_ln')),
    dense('transformer_layers.#.ffn.intermediate_output', layer('Mlp_0/intermediate_output')),
    dense('transformer_layers.#.ffn.layer_output', layer('Mlp_0/layer_output')),
    norm('transformer_layers.#.ffn.layer_norm', layer('Mlp_0/layer_output_ln')),
    dense('mlm_layer.mlm_dense', always('MlmLayer_0/mlm_dense')),
    norm('mlm_layer.mlm_ln', always('MlmLayer_0/mlm_ln')),
  ],
};

/** The tokenizer of maskgit-torch: the middle is the last list of the encoder and the first of the decoder. */
export const maskgitTorchTokenizer: Layout = {
  title: 'MaskGIT tokenizer (maskgit-torch)',
  rules: (names) => {
    const levels = distinct(names, /^encoder\.res_blocks\.(\d+)\./) - 1;
    const blocks = distinct(names, /^encoder\.res_blocks\.0\.(\d+)\./);
    const parts = ['norm0', 'conv0', 'norm1', 'conv1', 'conv_res'];
    return [
      table('quantizer.codebook.weight', 'quantizer/codebook'),
      ...ends(levels),
      ...resBlock('encoder.res_blocks.#.#', parts, ([l, r]) => `encoder/ResBlock_${l! * blocks + r!}`),
      ...resBlock('decoder.res_blocks.#.#', parts, ([l, r]) => `decoder/ResBlock_${l! * blocks + r!}`),
      // Behind the blocks of a level stands an upsampling without weights, then its convolution.
      conv(`decoder.res_blocks.#.${blocks + 1}`, ([l]) => `decoder/Conv_${l}`),
    ];
  },
};

/** The tokenizer in the names of taming-transformers, as TiTok, open-muse and others publish it. */
export const tamingNamesTokenizer: Layout = {
  title: 'MaskGIT tokenizer (TiTok, open-muse)',
  rules: (names) => {
    const levels = distinct(names, /^encoder\.down\.(\d+)\./);
    const blocks = distinct(names, /^encoder\.down\.0\.block\.(\d+)\./);
    const parts = ['norm1', 'conv1', 'norm2', 'conv2', 'nin_shortcut'];
    const inDecoder = (l: number, r: number): string => `decoder/ResBlock_${(levels - l) * blocks + r}`;
    return [
      table('quantize.embedding.weight', 'quantizer/codebook'),
      ...ends(levels),
      ...resBlock('encoder.down.#.block.#', parts, ([l, r]) => `encoder/ResBlock_${l! * blocks + r!}`),
      ...resBlock('encoder.mid.#', parts, ([r]) => `encoder/ResBlock_${levels * blocks + r!}`),
      ...resBlock('decoder.mid.#', parts, ([r]) => `decoder/ResBlock_${r}`),
      ...resBlock('decoder.up.#.block.#', parts, ([l, r]) => inDecoder(l!, r!)),
      conv('decoder.up.#.upsample_conv', ([l]) => `decoder/Conv_${levels - l!}`),
    ];
  },
};

/** What both tokenizers call alike: the first and last layers of encoder and decoder. */
export function ends(levels: number): readonly Rule[] {
  return [
    conv('encoder.conv_in', always('encoder/Conv_0')),
    norm('encoder.norm_out', always('encoder/GroupNorm_0')),
    conv('encoder.conv_out', always('encoder/Conv_1')),
    conv('decoder.conv_in', always('decoder/Conv_0')),
    norm('decoder.norm_out', always('decoder/GroupNorm_0')),
    conv('decoder.conv_out', always(`decoder/Conv_${levels}`)),
  ];
}

/** The five parts of a residual block under the file's names for them. */
export function resBlock(path: string, parts: readonly string[], to: Naming): readonly Rule[] {
  const names = ['GroupNorm_0', 'Conv_0', 'GroupNorm_1', 'Conv_1', 'Conv_2'];
  return names.map((name, i) => {
    const rule = name.startsWith('Conv') ? conv : norm;
    return rule(`${path}.${parts[i]}`, (numbers) => `${to(numbers)}/${name}`);
  });
}

export function distinct(names: readonly string[], pattern: RegExp): number {
  return new Set(names.flatMap((name) => pattern.exec(name)?.[1] ?? [])).size;
}
