import { always, dense, distinct, fused, layer, norm, table, type Layout, type Naming, type Rule } from './layouts.ts';

/** github.com/valeoai/Maskgit-pytorch, branch v1.0: the class behind the grid, a hidden layer in the embedding. */
export const valeoTransformer: Layout = {
  title: 'MaskGIT transformer (valeo.ai, v1)',
  untold: {
    layerEps: 1e-5,
    gelu: 'erf',
    nullClass: true,
    heads: new Map([[768, 16]]),
    variant: {
      placement: 'pre',
      classToken: 'last',
      maskRow: 'afterCodes',
      embeddingMlp: true,
      embeddingEps: 1e-12,
      headEps: 1e-12,
      positionBias: true,
    },
  },
  rules: () => [
    table('tok_emb.weight', 'Embed_0/word_embeddings/embedding'),
    table('pos_emb', 'Embed_0/position_embeddings/embedding', 'unbatched'),
    table('bias', 'MlmLayer_0/mlm_bias/bias'),
    norm('first_layer.0', always('Embed_0/embeddings_ln')),
    dense('first_layer.2', always('Embed_0/intermediate_output')),
    norm('first_layer.4', always('Embed_0/intermediate_ln')),
    dense('first_layer.6', always('Embed_0/layer_output')),
    norm('transformer.layers.#.0.norm', layer('Attention_0/input_norm')),
    fused('transformer.layers.#.0.fn.mha.in_proj_', layer('Attention_0/self_attention')),
    dense('transformer.layers.#.0.fn.mha.out_proj', layer('Attention_0/self_attention/out')),
    norm('transformer.layers.#.1.norm', layer('Mlp_0/input_norm')),
    dense('transformer.layers.#.1.fn.net.0', layer('Mlp_0/intermediate_output')),
    dense('transformer.layers.#.1.fn.net.3', layer('Mlp_0/layer_output')),
    norm('last_layer.0', always('MlmLayer_0/input_norm')),
    dense('last_layer.2', always('MlmLayer_0/mlm_dense')),
    norm('last_layer.4', always('MlmLayer_0/mlm_ln')),
  ],
};

/** github.com/baaivision/MUSE-Pytorch, the U-ViT for classes: blocks on the way in, one in the middle, and out again. */
export const museTransformer: Layout = {
  title: 'MUSE U-ViT transformer',
  untold: {
    layerEps: 1e-5,
    gelu: 'erf',
    nullClass: true,
    // Heads of 64 columns, as in every U-ViT of its authors.
    heads: new Map([
      [512, 8],
      [768, 12],
      [1024, 16],
      [1152, 16],
    ]),
    variant: { placement: 'pre', maskRow: 'afterCodes', embeddingEps: 1e-6 },
  },
  // The numbers 0, 1, 2 … of the positions.
  ignored: /^token_emb\.position_ids$/,
  rules: (names) => {
    const half = distinct(names, /^in_blocks\.(\d+)\./);
    return [
      table('token_emb.word_embeddings.weight', 'Embed_0/word_embeddings/embedding'),
      table('token_emb.position_embeddings.weight', 'Embed_0/position_embeddings/embedding'),
      norm('token_emb.LayerNorm', always('Embed_0/embeddings_ln')),
      ...block('in_blocks.#', ([i]) => `TransformerLayer_${i}`),
      ...block('mid_block', always(`TransformerLayer_${half}`)),
      ...block('out_blocks.#', ([i]) => `TransformerLayer_${half + 1 + i!}`),
      norm('norm', always('MlmLayer_0/input_norm')),
      dense('mlm_layer.fc', always('MlmLayer_0/mlm_dense')),
      norm('mlm_layer.ln', always('MlmLayer_0/mlm_ln')),
      table('mlm_layer.bias', 'MlmLayer_0/mlm_bias/bias', 'unbatched'),
    ];
  },
};

function block(path: string, to: Naming): readonly Rule[] {
  const part =
    (name: string): Naming =>
    (numbers) =>
      `${to(numbers)}/${name}`;
  return [
    dense(`${path}.skip_linear`, part('skip')),
    norm(`${path}.norm1`, part('Attention_0/input_norm')),
    fused(`${path}.attn.qkv.`, part('Attention_0/self_attention')),
    dense(`${path}.attn.proj`, part('Attention_0/self_attention/out')),
    norm(`${path}.norm2`, part('Mlp_0/input_norm')),
    dense(`${path}.mlp.fc1`, part('Mlp_0/intermediate_output')),
    dense(`${path}.mlp.fc2`, part('Mlp_0/layer_output')),
  ];
}
