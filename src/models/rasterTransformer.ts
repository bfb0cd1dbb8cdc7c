import type { TransformerConfig } from '../core/config.ts';
import { positionCount, type Grid } from '../core/grid.ts';
import { vocabularySize } from '../core/transformerShapes.ts';
import { cachedAttention, type Cache } from '../kernels/cachedAttention.ts';
import type { RasterTensors } from '../kernels/drawNext.ts';
import { embed, type SequenceInputs } from '../kernels/embed.ts';
import { embedPlace } from '../kernels/embedPlace.ts';
import { gridRows } from '../kernels/gridRows.ts';
import { layerNorm } from '../kernels/layerNorm.ts';
import { linear } from '../kernels/linear.ts';
import { rowLinear } from '../kernels/rowLinear.ts';
import { matrix } from '../kernels/storedWeights.ts';
import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { affine, dense, denseColumns, gelu } from './blocks/named.ts';
import { sequenceLayout, vocabularyRows } from './vocabulary.ts';

/** What a pass reads: the class of each sequence, and the one grid that all of them are about. */
export interface RasterInputs extends SequenceInputs, Pick<RasterTensors, 'stepParams'> {}

/** The product of a network that sees so few or so many rows. */
type Product = typeof linear;

/**
 * One pass of the causal baseline (order 'raster'; train/maskgit.py): the network sees one place, the one of
 * `stepParams.step`, and what its attention remembers of those before. Place 0 is the class, place p the token p − 1.
 *
 * @param inputs tokens [positions] i32, known before the step; classes [sequences] i32
 * @returns logits [sequences, codebook] of the position `stepParams.step`
 */
export function rasterStep(rec: Recorder, inputs: RasterInputs, config: TransformerConfig, grid: Grid): Tensor {
  const [words, places] = embeddings(rec, config, grid);
  const h = normed(
    rec,
    embedPlace(rec, inputs, { words, places }, vocabularyRows(config)),
    config,
    'Embed_0/embeddings_ln',
  );
  return head(rec, layers(rec, h, inputs, config, grid, rowLinear), config);
}

/**
 * The same without memory of passes before: the network sees the first `length` places once more. For comparison, and
 * as a second way to the same numbers.
 *
 * @returns logits [sequences, codebook] of the position length − 1
 */
export function rasterAnew(
  rec: Recorder,
  inputs: RasterInputs,
  config: TransformerConfig,
  { grid, length }: { readonly grid: Grid; readonly length: number },
): Tensor {
  const sequences = inputs.classes.shape[0]!;
  const [words, places] = embeddings(rec, config, grid);
  const all = embed(rec, inputs, { words, places }, vocabularyRows(config), sequenceLayout(config));
  const seen = gridRows(rec, all, { sequences, positions: length, first: 0 });
  const h = normed(rec, seen, config, 'Embed_0/embeddings_ln');
  const out = layers(rec, h, inputs, config, grid, linear);
  return head(rec, gridRows(rec, out, { sequences, positions: 1, first: length - 1 }), config);
}

function embeddings(rec: Recorder, config: TransformerConfig, grid: Grid): readonly [words: Tensor, places: Tensor] {
  const { width } = config;
  const places = rec.weight('Embed_0/position_embeddings/embedding', [1 + positionCount(grid), width]);
  return [rec.weight('Embed_0/word_embeddings/embedding', [vocabularySize(config), width]), places];
}

function normed(rec: Recorder, x: Tensor, { width, layerEps }: TransformerConfig, name: string): Tensor {
  return layerNorm(rec, x, affine(rec, name, width), layerEps);
}

/** The trunk, norms behind the sums as in the official network, on any number of rows a sequence. */
function layers(
  rec: Recorder,
  first: Tensor,
  { classes, stepParams }: RasterInputs,
  config: TransformerConfig,
  grid: Grid,
  product: Product,
): Tensor {
  const { width, mlp } = config;
  let h = first;
  for (let i = 0; i < config.layers; i++) {
    const [self, block] = [`TransformerLayer_${i}/Attention_0`, `TransformerLayer_${i}/Mlp_0`];
    const parts = ['query', 'key', 'value'].map((part) => `${self}/self_attention/${part}`);
    const qkv = product(rec, h, denseColumns(rec, `${self}/self_attention/qkv`, parts, [width, width]));
    const attended = cachedAttention(rec, qkv, cacheOf(rec, config, grid, i, classes.shape[0]!), stepParams);
    const o = product(rec, attended, dense(rec, `${self}/self_attention/out`, width, width), { residual: h });
    const a = normed(rec, o, config, `${self}/attention_output_ln`);
    const hidden = dense(rec, `${block}/intermediate_output`, width, mlp);
    const wide = product(rec, a, hidden, { activation: gelu(config) });
    const m = product(rec, wide, dense(rec, `${block}/layer_output`, mlp, width), { residual: a });
    h = normed(rec, m, config, `${block}/layer_output_ln`);
  }
  return h;
}

/** What a layer remembers between passes; nothing of it is read before it was written. */
function cacheOf(
  rec: Recorder,
  { width, heads }: TransformerConfig,
  grid: Grid,
  layer: number,
  sequences: number,
): Cache {
  const [headWidth, capacity] = [width / heads, positionCount(grid)];
  const name = `of layer ${layer}, ${sequences} sequences`;
  return {
    keys: rec.state(`keys ${name}`, [sequences, heads, headWidth, capacity], 'f32'),
    values: rec.state(`values ${name}`, [sequences, heads, capacity, headWidth], 'f32'),
  };
}

/** [sequences, codebook] from one row a sequence; tied to the word embeddings, of which only the codes matter. */
function head(rec: Recorder, h: Tensor, config: TransformerConfig): Tensor {
  const { width, codebook: rows } = config;
  const hidden = dense(rec, 'MlmLayer_0/mlm_dense', width, width);
  const m = normed(rec, rowLinear(rec, h, hidden, { activation: gelu(config) }), config, 'MlmLayer_0/mlm_ln');
  const [words, shift] = ['Embed_0/word_embeddings/embedding', 'MlmLayer_0/mlm_bias/bias'];
  const codes = matrix(rec, `${words} of codes`, [width, rows], { kind: 'transposedRows', name: words, rows });
  const bias = rec.weight(`${shift} of codes`, [rows], { kind: 'transposedRows', name: shift, rows });
  return rowLinear(rec, m, { ...codes, bias });
}
