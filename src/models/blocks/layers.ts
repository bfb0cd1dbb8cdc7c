import type { TransformerConfig } from '../../core/config.ts';
import { gatedSum } from '../../kernels/gatedSum.ts';
import { layerNorm } from '../../kernels/layerNorm.ts';
import { linear } from '../../kernels/linear.ts';
import { placeRows, type Wanted } from '../../kernels/placeRows.ts';
import { rmsNorm, type Modulation } from '../../kernels/rmsNorm.ts';
import type { Recorder } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';
import { affine, dense } from './named.ts';
import { feedForward, selfAttention } from './parts.ts';

/** Which layer of the trunk, by the name of its weights, and how many sequences its rows are. */
export interface LayerPlace {
  readonly layer: string;
  readonly sequences: number;
  /** The rows that anybody reads behind the layer, in the last one; all when absent. */
  readonly wanted?: Wanted | undefined;
}

/** h of the rows that are wanted behind the layer. */
function wantedOf(rec: Recorder, h: Tensor, { sequences, wanted }: LayerPlace): Tensor {
  return wanted ? placeRows(rec, h, wanted, { sequences }) : h;
}

/** The official layer: attention, then a hidden layer per row; the norm comes after each sum with the residual. */
export function postNormLayer(rec: Recorder, h: Tensor, config: TransformerConfig, place: LayerPlace): Tensor {
  const { width, layerEps } = config;
  const { layer } = place;
  const o = selfAttention(rec, h, config, place, { residual: wantedOf(rec, h, place) });
  const a = layerNorm(rec, o, affine(rec, `${layer}/Attention_0/attention_output_ln`, width), layerEps);
  const m = feedForward(rec, a, config, layer, { residual: a });
  return layerNorm(rec, m, affine(rec, `${layer}/Mlp_0/layer_output_ln`, width), layerEps);
}

/** The same with a norm in front of attention and hidden layer instead. */
export function preNormLayer(rec: Recorder, h: Tensor, config: TransformerConfig, place: LayerPlace): Tensor {
  const { width, layerEps } = config;
  const { layer } = place;
  const norm = (x: Tensor, part: string): Tensor =>
    layerNorm(rec, x, affine(rec, `${layer}/${part}/input_norm`, width), layerEps);
  const a = selfAttention(rec, norm(h, 'Attention_0'), config, place, { residual: wantedOf(rec, h, place) });
  return feedForward(rec, norm(a, 'Mlp_0'), config, layer, { residual: a });
}

/**
 * adaLN-zero: the class shifts and scales what attention and MLP read, and gates what they add. Its six chunks are
 * shift, scale and gate of the attention, then of the MLP (Halton-MaskGIT calls them gamma, beta, alpha).
 *
 * @param condition [sequences, width], what `classVector` gives
 */
export function adaptiveLayer(
  rec: Recorder,
  h: Tensor,
  config: TransformerConfig,
  place: LayerPlace,
  condition: Tensor,
): Tensor {
  const { width, layerEps } = config;
  const { layer } = place;
  const values = linear(rec, condition, dense(rec, `${layer}/modulation`, width, 6 * width));
  const norm = (x: Tensor, part: string, modulation: Modulation): Tensor =>
    rmsNorm(rec, x, { scale: rec.weight(`${layer}/${part}/input_norm/scale`, [width]), modulation }, layerEps);

  const o = selfAttention(rec, norm(h, 'Attention_0', { values, shift: 0, scale: 1 }), config, place);
  const inTurns = place.wanted !== undefined;
  const a = gatedSum(rec, wantedOf(rec, h, place), o, { values, chunk: 2, inTurns });
  const m = feedForward(rec, norm(a, 'Mlp_0', { values, shift: 3, scale: 4, inTurns }), config, layer);
  return gatedSum(rec, a, m, { values, chunk: 5, inTurns });
}
