import type { TransformerConfig } from '../../core/config.ts';
import { attentionWidth, hasQkvBias } from '../../core/transformerShapes.ts';
import { attention } from '../../kernels/attention.ts';
import { linear, type LinearEpilogue } from '../../kernels/linear.ts';
import { queryKeyNorm } from '../../kernels/rmsNorm.ts';
import { swiglu } from '../../kernels/swiglu.ts';
import type { Recorder } from '../../program/program.ts';
import type { Tensor } from '../../program/tensor.ts';
import type { LayerPlace } from './layers.ts';
import { dense, denseColumns, gelu } from './named.ts';

/** Every wanted row of x [sequences · length, width] attends to all rows of its sequence; plus the residual where given. */
export function selfAttention(
  rec: Recorder,
  x: Tensor,
  config: TransformerConfig,
  { layer, sequences, wanted }: LayerPlace,
  epilogue: LinearEpilogue = {},
): Tensor {
  const { width, heads, layerEps, attentionBias } = config;
  const inner = attentionWidth(config);
  const self = `${layer}/Attention_0/self_attention`;
  const parts = ['query', 'key', 'value'].map((part) => `${self}/${part}`);
  const qkv = linear(rec, x, denseColumns(rec, `${self}/qkv`, parts, [width, inner], hasQkvBias(config)));
  const normed = config.queryKeyNorm ? queryKeyNorm(rec, qkv, layerEps) : qkv;
  const attended = attention(rec, normed, { sequences, heads, wanted });
  return linear(rec, attended, dense(rec, `${self}/out`, inner, width, attentionBias), epilogue);
}

/** A hidden layer per row of x [rows, width]; plus the residual where given. */
export function feedForward(
  rec: Recorder,
  x: Tensor,
  config: TransformerConfig,
  layer: string,
  epilogue: LinearEpilogue = {},
): Tensor {
  const { width, mlp } = config;
  const block = `${layer}/Mlp_0`;
  if (config.feedForward === 'swiglu') {
    const halves = [`${block}/gate_output`, `${block}/intermediate_output`];
    const wide = swiglu(rec, linear(rec, x, denseColumns(rec, `${block}/halves`, halves, [width, mlp], false)));
    return linear(rec, wide, dense(rec, `${block}/layer_output`, mlp, width, false), epilogue);
  }
  const hidden = dense(rec, `${block}/intermediate_output`, width, mlp);
  const wide = linear(rec, x, hidden, { activation: gelu(config) });
  return linear(rec, wide, dense(rec, `${block}/layer_output`, mlp, width), epilogue);
}
