import type { TransformerConfig } from '../core/config.ts';
import { positionCount, type Grid } from '../core/grid.ts';
import { vocabularySize } from '../core/weightShapes.ts';
import { attention } from '../kernels/attention.ts';
import { dropClass } from '../kernels/dropClass.ts';
import { embed, type SequenceInputs } from '../kernels/embed.ts';
import { layerNorm, type Affine } from '../kernels/layerNorm.ts';
import { linear, type Activation, type Dense } from '../kernels/linear.ts';
import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { vocabularyRows } from './vocabulary.ts';

/** How many sequences run as one batch, and the grid whose tokens each holds behind its class. */
export interface Batch {
  readonly sequences: number;
  readonly grid: Grid;
}

/**
 * The bidirectional post-norm transformer of MaskGIT (Chang et al. 2022, section 3.2; google-research/maskgit,
 * nets/maskgit_transformer.py): what each position of the grid could be, given those that are known and the class.
 * Weights are asked for by their official names.
 *
 * @param inputs tokens [positions] or [tokenRows, positions] i32 (sequence s reads row s mod tokenRows), MASK where
 *   unknown; classes [sequences] i32, NULL_CLASS for none
 * @returns logits [sequences, positions, codebook]
 */
export function transformer(rec: Recorder, inputs: SequenceInputs, config: TransformerConfig, batch: Batch): Tensor {
  let h = embedding(rec, inputs, config, batch);
  for (let i = 0; i < config.layers; i++) h = transformerLayer(rec, h, config, batch, i);
  const m = headHidden(rec, h, config, batch);
  return logitsOf(rec, m, config, batch);
}

/** [sequences · (1 + positions), width]: class first, then the grid. */
export function embedding(rec: Recorder, inputs: SequenceInputs, config: TransformerConfig, { grid }: Batch): Tensor {
  const { width, layerEps } = config;
  const words = rec.weight('Embed_0/word_embeddings/embedding', [vocabularySize(config), width]);
  const places = rec.weight('Embed_0/position_embeddings/embedding', [1 + positionCount(grid), width]);
  const h = embed(rec, inputs, { words, places }, vocabularyRows(config));
  return layerNorm(rec, h, affine(rec, 'Embed_0/embeddings_ln', width), layerEps);
}

/** Attention, then a hidden layer per row; the norm comes after each sum with the residual. */
export function transformerLayer(
  rec: Recorder,
  h: Tensor,
  config: TransformerConfig,
  { sequences }: Batch,
  index: number,
): Tensor {
  const { width, heads, mlp, layerEps } = config;
  const [self, block] = [`TransformerLayer_${index}/Attention_0`, `TransformerLayer_${index}/Mlp_0`];

  const qkv = linear(rec, h, queryKeyValue(rec, `${self}/self_attention`, width));
  const attended = attention(rec, qkv, { sequences, heads });
  const out = dense(rec, `${self}/self_attention/out`, width, width);
  const o = linear(rec, attended, out, { residual: h });
  const a = layerNorm(rec, o, affine(rec, `${self}/attention_output_ln`, width), layerEps);

  const hidden = dense(rec, `${block}/intermediate_output`, width, mlp);
  const wide = linear(rec, a, hidden, { activation: gelu(config) });
  const m = linear(rec, wide, dense(rec, `${block}/layer_output`, mlp, width), { residual: a });
  return layerNorm(rec, m, affine(rec, `${block}/layer_output_ln`, width), layerEps);
}

/** [sequences · positions, width]: the last hidden layer, of the grid's rows only. */
export function headHidden(rec: Recorder, h: Tensor, config: TransformerConfig, { sequences }: Batch): Tensor {
  const { width, layerEps } = config;
  const rows = dropClass(rec, h, sequences);
  const m = linear(rec, rows, dense(rec, 'MlmLayer_0/mlm_dense', width, width), { activation: gelu(config) });
  return layerNorm(rec, m, affine(rec, 'MlmLayer_0/mlm_ln', width), layerEps);
}

/** [sequences, positions, codebook]: the head is tied to the word embeddings, of which only the codes matter here. */
function logitsOf(rec: Recorder, m: Tensor, config: TransformerConfig, { sequences, grid }: Batch): Tensor {
  const { width, codebook: rows } = config;
  const [words, shift] = ['Embed_0/word_embeddings/embedding', 'MlmLayer_0/mlm_bias/bias'];
  const head: Dense = {
    weight: rec.weight(`${words} of codes`, [width, rows], { kind: 'transposedRows', name: words, rows }),
    bias: rec.weight(`${shift} of codes`, [rows], { kind: 'transposedRows', name: shift, rows }),
  };
  return rec.reshape(linear(rec, m, head), [sequences, positionCount(grid), rows]);
}

/** Query, key and value as one product: their columns side by side. */
function queryKeyValue(rec: Recorder, name: string, width: number): Dense {
  const parts = (kind: string): string[] => ['query', 'key', 'value'].map((part) => `${name}/${part}/${kind}`);
  return {
    weight: rec.weight(`${name}/qkv/kernel`, [width, 3 * width], { kind: 'columns', names: parts('kernel') }),
    bias: rec.weight(`${name}/qkv/bias`, [3 * width], { kind: 'columns', names: parts('bias') }),
  };
}

function dense(rec: Recorder, name: string, inWidth: number, outWidth: number): Dense {
  return {
    weight: rec.weight(`${name}/kernel`, [inWidth, outWidth]),
    bias: rec.weight(`${name}/bias`, [outWidth]),
  };
}

function affine(rec: Recorder, name: string, width: number): Affine {
  return { scale: rec.weight(`${name}/scale`, [width]), bias: rec.weight(`${name}/bias`, [width]) };
}

function gelu(config: TransformerConfig): Activation {
  return config.gelu === 'tanh' ? 'geluTanh' : 'geluErf';
}
