import { always, dense, layer, norm, table, type Layout } from './layouts.ts';

/** github.com/valeoai/Halton-MaskGIT: adaptive norms, SwiGLU, the class apart from the words, registers. */
export const haltonTransformer: Layout = {
  title: 'Halton-MaskGIT transformer',
  untold: {
    layerEps: 1e-5,
    gelu: 'erf', // nowhere in this network
    nullClass: true,
    // Tiny, small, base, large, XL.
    heads: new Map([
      [384, 6],
      [512, 6],
      [768, 12],
      [1024, 16],
      [1152, 16],
    ]),
    variant: { placement: 'adaptive', feedForward: 'swiglu', queryKeyNorm: true, attentionBias: false },
  },
  copies: { 'head.weight': 'Embed_0/word_embeddings/embedding' },
  rules: () => [
    table('tok_emb.weight', 'Embed_0/word_embeddings/embedding'),
    table('pos_emb.weight', 'Embed_0/position_embeddings/embedding'),
    table('reg_tokens.weight', 'Embed_0/register_embeddings/embedding'),
    table('cls_emb.weight', 'Embed_0/class_embeddings/embedding'),
    table('head.bias', 'MlmLayer_0/mlm_bias/bias'),
    dense('transformer.layers.#.mlp.1', layer('modulation')),
    norm('transformer.layers.#.ln1', layer('Attention_0/input_norm')),
    dense('transformer.layers.#.attn.wq', layer('Attention_0/self_attention/query')),
    dense('transformer.layers.#.attn.wk', layer('Attention_0/self_attention/key')),
    dense('transformer.layers.#.attn.wv', layer('Attention_0/self_attention/value')),
    dense('transformer.layers.#.attn.wo', layer('Attention_0/self_attention/out')),
    norm('transformer.layers.#.ln2', layer('Mlp_0/input_norm')),
    dense('transformer.layers.#.ff.w1', layer('Mlp_0/gate_output')),
    dense('transformer.layers.#.ff.w3', layer('Mlp_0/intermediate_output')),
    dense('transformer.layers.#.ff.w2', layer('Mlp_0/layer_output')),
    norm('last_norm.norm_final', always('MlmLayer_0/input_norm')),
    dense('last_norm.mlp.1', always('MlmLayer_0/modulation')),
  ],
};
