import type { TransformerConfig } from '../core/config.ts';
import { positionCount, type Grid } from '../core/grid.ts';
import { sequenceLength, vocabularySize } from '../core/transformerShapes.ts';
import { classVector } from '../kernels/classVector.ts';
import { embed, type SequenceInputs } from '../kernels/embed.ts';
import { gridRows } from '../kernels/gridRows.ts';
import { layerNorm } from '../kernels/layerNorm.ts';
import { linear, type Dense } from '../kernels/linear.ts';
import { rmsNorm } from '../kernels/rmsNorm.ts';
import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { adaptiveLayer, postNormLayer } from './blocks/layers.ts';
import { affine, dense, gelu } from './blocks/named.ts';
import { firstOfGrid, sequenceLayout, vocabularyRows } from './vocabulary.ts';

/** How many sequences run as one batch, and the grid whose tokens each holds beside its class. */
export interface Batch {
  readonly sequences: number;
  readonly grid: Grid;
}

/**
 * The bidirectional transformer of MaskGIT (Chang et al. 2022, section 3.2; google-research/maskgit,
 * nets/maskgit_transformer.py), and the same with adaptive norms (Halton-MaskGIT, Besnier et al. 2025): what each
 * position of the grid could be, given those that are known and the class. Weights are asked for by the official names
 * where the thing is the same.
 *
 * @param inputs tokens [positions] or [tokenRows, positions] i32 (sequence s reads row s mod tokenRows), MASK where
 *   unknown; classes [sequences] i32, NULL_CLASS for none
 * @returns logits [sequences, positions, codebook]; the mask is no code and has no logit
 */
export function transformer(rec: Recorder, inputs: SequenceInputs, config: TransformerConfig, batch: Batch): Tensor {
  const condition = conditionOf(rec, inputs, config);
  let h = embedding(rec, inputs, config, batch);
  for (let i = 0; i < config.layers; i++) h = transformerLayer(rec, h, config, batch, i, condition);
  const m = headHidden(rec, h, config, batch, condition);
  return logitsOf(rec, m, config, batch);
}

/** [sequences, width]: the class where it is no token of the sequence. */
function conditionOf(rec: Recorder, { classes }: SequenceInputs, config: TransformerConfig): Tensor | undefined {
  if (config.placement !== 'adaptive') return undefined;
  const rows = config.classes + 1;
  return classVector(rec, classes, rec.weight('Embed_0/class_embeddings/embedding', [rows, config.width]));
}

/** [sequences · length, width]: class first where it is a token, then the grid, then the registers. */
export function embedding(rec: Recorder, inputs: SequenceInputs, config: TransformerConfig, { grid }: Batch): Tensor {
  const { width, layerEps, placement } = config;
  const words = rec.weight('Embed_0/word_embeddings/embedding', [vocabularySize(config), width]);
  const places = placesOf(rec, config, grid);
  const h = embed(rec, inputs, { words, places }, vocabularyRows(config), sequenceLayout(config));
  return placement === 'adaptive' ? h : layerNorm(rec, h, affine(rec, 'Embed_0/embeddings_ln', width), layerEps);
}

/** The position embeddings, and behind them the registers, which are places without a word. */
function placesOf(rec: Recorder, config: TransformerConfig, grid: Grid): Tensor {
  const shape = [sequenceLength(config, grid), config.width];
  const [positions, registers] = ['position', 'register'].map((kind) => `Embed_0/${kind}_embeddings/embedding`);
  if (!config.registers) return rec.weight(positions!, shape);
  return rec.weight('Embed_0/places', shape, { kind: 'rows', names: [positions!, registers!] });
}

/** One layer of the trunk. @param condition given where the class is no token */
export function transformerLayer(
  rec: Recorder,
  h: Tensor,
  config: TransformerConfig,
  { sequences }: Batch,
  index: number,
  condition?: Tensor,
): Tensor {
  const place = { layer: `TransformerLayer_${index}`, sequences };
  if (condition) return adaptiveLayer(rec, h, config, place, condition);
  return postNormLayer(rec, h, config, place);
}

/** [sequences · positions, width]: the last hidden layer, of the grid's rows only. */
export function headHidden(
  rec: Recorder,
  h: Tensor,
  config: TransformerConfig,
  { sequences, grid }: Batch,
  condition?: Tensor,
): Tensor {
  const { width, layerEps } = config;
  const rows = gridRows(rec, h, { sequences, positions: positionCount(grid), first: firstOfGrid(config) });
  if (condition) {
    const values = linear(rec, condition, dense(rec, 'MlmLayer_0/modulation', width, 2 * width));
    const norm = affine(rec, 'MlmLayer_0/input_norm', width);
    return rmsNorm(rec, rows, { ...norm, modulation: { values, shift: 0, scale: 1 } }, layerEps);
  }
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
