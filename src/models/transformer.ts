import type { TransformerConfig } from '../core/config.ts';
import { positionCount, type Grid } from '../core/grid.ts';
import { joinsSkip, sequenceLength, vocabularySize } from '../core/transformerShapes.ts';
import { classVector } from '../kernels/classVector.ts';
import { embed, type SequenceInputs } from '../kernels/embed.ts';
import { gridRows } from '../kernels/gridRows.ts';
import { layerNorm } from '../kernels/layerNorm.ts';
import { linear } from '../kernels/linear.ts';
import { placeRows, type Wanted } from '../kernels/placeRows.ts';
import { rmsNorm } from '../kernels/rmsNorm.ts';
import { matrix } from '../kernels/storedWeights.ts';
import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { adaptiveLayer, postNormLayer, preNormLayer } from './blocks/layers.ts';
import { joinSkip } from './blocks/longSkip.ts';
import { affine, dense, gelu } from './blocks/named.ts';
import { firstOfGrid, sequenceLayout, vocabularyRows } from './vocabulary.ts';

/** How many sequences run as one batch, and the grid whose tokens each holds beside its class. */
export interface Batch {
  readonly sequences: number;
  readonly grid: Grid;
  /**
   * [positions, pictures] i32: the places of the grid whose logits are wanted, -1 behind the last; every place when absent.
   * Sequence s is of picture s mod pictures.
   */
  readonly places?: Tensor;
}

/** Which rows the last layer and the head compute, where that is not all. */
function wantedOf(config: TransformerConfig, { places }: Batch): Wanted | undefined {
  return places && { places, first: firstOfGrid(config) };
}

/**
 * The bidirectional transformer of MaskGIT (Chang et al. 2022, section 3.2; google-research/maskgit,
 * nets/maskgit_transformer.py), and what others made of it (core/config.ts says how they differ): what each position of
 * the grid could be, given those that are known and the class. Weights are asked for by the official names where the
 * thing is the same.
 *
 * @param inputs tokens [positions] or [tokenRows, positions] i32 (sequence s reads row s mod tokenRows), MASK where
 *   unknown; classes [sequences] i32, NULL_CLASS for none
 * @returns logits [sequences, positions, codebook], or [positions, sequences, codebook] in the order of `batch.places`; the
 *   mask is no code and has no logit
 */
export function transformer(rec: Recorder, inputs: SequenceInputs, config: TransformerConfig, batch: Batch): Tensor {
  const condition = conditionOf(rec, inputs, config);
  let h = embedding(rec, inputs, config, batch);
  const outputs: Tensor[] = [];
  for (let i = 0; i < config.layers; i++) {
    if (joinsSkip(config, i)) h = joinSkip(rec, h, outputs[config.layers - 1 - i]!, config, `TransformerLayer_${i}`);
    h = transformerLayer(rec, h, config, batch, i, condition);
    outputs.push(h);
  }
  const m = headHidden(rec, h, config, batch, condition);
  return logitsOf(rec, m, config, batch);
}

/** [sequences, width]: the class where it is no token of the sequence. */
function conditionOf(rec: Recorder, { classes }: SequenceInputs, config: TransformerConfig): Tensor | undefined {
  if (config.placement !== 'adaptive') return undefined;
  const rows = config.classes + 1;
  return classVector(rec, classes, rec.weight('Embed_0/class_embeddings/embedding', [rows, config.width]));
}

/** [sequences · length, width]: the class, where it is a token, before or behind the grid, then the registers. */
export function embedding(rec: Recorder, inputs: SequenceInputs, config: TransformerConfig, { grid }: Batch): Tensor {
  const { width, embeddingEps = config.layerEps } = config;
  const words = rec.weight('Embed_0/word_embeddings/embedding', [vocabularySize(config), width]);
  const places = placesOf(rec, config, grid);
  const h = embed(rec, inputs, { words, places }, vocabularyRows(config), sequenceLayout(config));
  const norm = (x: Tensor, name: string): Tensor => layerNorm(rec, x, affine(rec, name, width), embeddingEps);
  const normed = config.placement === 'adaptive' ? h : norm(h, 'Embed_0/embeddings_ln');
  if (!config.embeddingMlp) return normed;
  const hidden = dense(rec, 'Embed_0/intermediate_output', width, width);
  const m = linear(rec, normed, hidden, { activation: gelu(config) });
  return linear(rec, norm(m, 'Embed_0/intermediate_ln'), dense(rec, 'Embed_0/layer_output', width, width));
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
  batch: Batch,
  index: number,
  condition?: Tensor,
): Tensor {
  // Nobody reads the other rows of the last layer; its keys and values are of all rows all the same.
  const wanted = index === config.layers - 1 ? wantedOf(config, batch) : undefined;
  const place = { layer: `TransformerLayer_${index}`, sequences: batch.sequences, wanted };
  if (condition) return adaptiveLayer(rec, h, config, place, condition);
  return config.placement === 'pre' ? preNormLayer(rec, h, config, place) : postNormLayer(rec, h, config, place);
}

/** [sequences · positions, width]: the last hidden layer, of the grid's rows only; h has no others where places are given. */
export function headHidden(
  rec: Recorder,
  h: Tensor,
  config: TransformerConfig,
  { sequences, grid, places }: Batch,
  condition?: Tensor,
): Tensor {
  const { width, headEps = config.layerEps } = config;
  const ofGrid = { sequences, positions: positionCount(grid), first: firstOfGrid(config) };
  const rows = places ? h : gridRows(rec, h, ofGrid);
  if (condition) {
    const values = linear(rec, condition, dense(rec, 'MlmLayer_0/modulation', width, 2 * width));
    const norm = affine(rec, 'MlmLayer_0/input_norm', width);
    return rmsNorm(
      rec,
      rows,
      { ...norm, modulation: { values, shift: 0, scale: 1, inTurns: places !== undefined } },
      headEps,
    );
  }
  const isPre = config.placement === 'pre';
  const x = isPre ? layerNorm(rec, rows, affine(rec, 'MlmLayer_0/input_norm', width), headEps) : rows;
  const m = linear(rec, x, dense(rec, 'MlmLayer_0/mlm_dense', width, width), { activation: gelu(config) });
  return layerNorm(rec, m, affine(rec, 'MlmLayer_0/mlm_ln', width), headEps);
}

/** The logits in the shape of `transformer`: the head is tied to the word embeddings, of which only the codes matter here. */
function logitsOf(rec: Recorder, m: Tensor, config: TransformerConfig, batch: Batch): Tensor {
  const { width, codebook: rows, positionBias } = config;
  const { sequences, grid, places } = batch;
  const [words, shift] = ['Embed_0/word_embeddings/embedding', 'MlmLayer_0/mlm_bias/bias'];
  const codes = matrix(rec, `${words} of codes`, [width, rows], { kind: 'transposedRows', name: words, rows });
  const positions = positionCount(grid);
  const shape = places ? [positions, sequences, rows] : [sequences, positions, rows];
  if (positionBias) {
    const times = places ? 1 : sequences;
    const part = { firstRow: firstOfGrid(config), rows: positions, cols: rows, times };
    const label = `${shift} of codes, ${times} times`;
    const biases = rec.weight(label, [times * positions, rows], { kind: 'part', name: shift, ...part });
    const residual = places ? placeRows(rec, biases, { places, first: 0 }, { sequences, given: 1 }) : biases;
    return rec.reshape(linear(rec, m, codes, { residual }), shape);
  }
  const bias = rec.weight(`${shift} of codes`, [rows], { kind: 'transposedRows', name: shift, rows });
  return rec.reshape(linear(rec, m, { ...codes, bias }), shape);
}
