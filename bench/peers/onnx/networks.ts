import { attentionWidth } from '../../../src/core/transformerShapes.ts';
import { prepareWeight, type WeightRecipe } from '../../../src/program/recipe.ts';
import { walkDecoder, walkTransformer, type DecoderOps, type TransformerOps } from '../networks.ts';
import type { PeerModel } from '../weights.ts';
import { OnnxModel, type FloatType } from './model.ts';

/**
 * How attention is written: onnxruntime's Attention with one product for query, key and value; or its
 * MultiHeadAttention behind three products. Which is faster is measured.
 */
export type AttentionForm = 'Attention' | 'MultiHeadAttention';

export interface OnnxForm {
  readonly floats: FloatType;
  readonly attention: AttentionForm;
}

/** The transformer as ONNX: ids [sequences, 1 + positions] i32 → logits [sequences, positions, codebook] f32. */
export function transformerOnnx(model: PeerModel, sequences: number, form: OnnxForm): Uint8Array<ArrayBuffer> {
  const { positions, config } = model;
  const onnx = new OnnxModel(form.floats);
  const ids = onnx.input('ids', 'int32', [sequences, positions + 1]);
  const logits = walkTransformer(transformerOps(onnx, model, ids, form), model);
  onnx.output('logits', logits, [sequences, positions, config.transformer.codebook]);
  return onnx.finish('transformer');
}

/** The fused operators that onnxruntime's own transformer optimiser arrives at. */
function transformerOps(onnx: OnnxModel, model: PeerModel, ids: string, form: OnnxForm): TransformerOps<string> {
  const { width, heads, codebook, layerEps, gelu } = model.config.transformer;
  const inner = attentionWidth(model.config.transformer);
  const epsilon = { epsilon: { float: layerEps } };
  const stored = storedIn(onnx, model);
  const made = (name: string, shape: readonly number[], recipe: WeightRecipe, names: readonly string[]): string =>
    onnx.constant(name, shape, () => prepareWeight(recipe, names.map(model.weight)));
  const biases = (name: string): string => {
    const names = ['query', 'key', 'value'].map((part) => `${name}/${part}/bias`);
    return made(`${name}/qkv/bias`, [3 * inner], { kind: 'columns', names }, names);
  };
  const product = (x: string, name: string, shape: readonly [number, number]): string =>
    onnx.node('MatMul', [x, stored(`${name}/kernel`, shape)]);
  return {
    embed: (table, places) => onnx.node('Add', [onnx.node('Gather', [stored(table), ids]), stored(places)]),
    addNorm({ x, skip, bias }, norm) {
      const affine = [stored(`${norm}/scale`), stored(`${norm}/bias`)];
      if (skip === undefined) return onnx.node('LayerNormalization', [x, ...affine], { axis: -1, ...epsilon });
      return onnx.fused('SkipLayerNormalization', [x, skip, ...affine, ...(bias ? [stored(bias)] : [])], epsilon);
    },
    attend(x, name) {
      if (form.attention === 'MultiHeadAttention') {
        const parts = ['query', 'key', 'value'].map((part) => product(x, `${name}/${part}`, [width, inner]));
        return onnx.fused('MultiHeadAttention', [...parts, biases(name)], { num_heads: heads });
      }
      const names = ['query', 'key', 'value'].map((part) => `${name}/${part}/kernel`);
      const qkv = made(`${name}/qkv/kernel`, [width, 3 * inner], { kind: 'columns', names }, names);
      return onnx.fused('Attention', [x, qkv, biases(name)], { num_heads: heads });
    },
    product,
    biasGelu: (x, bias) => onnx.fused(gelu === 'tanh' ? 'FastGelu' : 'BiasGelu', [x, stored(bias)]),
    gridRows(x, first) {
      const [starts, ends] = [onnx.integers([first]), onnx.integers([first + model.positions])];
      return onnx.node('Slice', [x, starts, ends, onnx.integers([1])]);
    },
    logits(x, words, bias) {
      const codes = (name: string): WeightRecipe => ({ kind: 'transposedRows', name, rows: codebook });
      const weight = made(`${words} of codes`, [width, codebook], codes(words), [words]);
      const shift = made(`${bias} of codes`, [codebook], codes(bias), [bias]);
      return onnx.node('Add', [onnx.node('MatMul', [x, weight]), shift]);
    },
  };
}

/** The decoder as ONNX: codes [rows, cols] i32 → pixels [1, 3, size, size] f32. */
export function decoderOnnx(model: PeerModel, floats: FloatType): Uint8Array<ArrayBuffer> {
  const { grid, image } = model.config;
  const onnx = new OnnxModel(floats);
  const codes = onnx.input('codes', 'int32', [grid.rows, grid.cols]);
  onnx.output('pixels', walkDecoder(decoderOps(onnx, model, codes), model), [1, 3, image.size, image.size]);
  return onnx.finish('decoder');
}

function decoderOps(onnx: OnnxModel, model: PeerModel, codes: string): DecoderOps<string> {
  const { grid, tokenizer } = model.config;
  const { groups, groupEps, embedding } = tokenizer;
  const stored = storedIn(onnx, model);
  let side = [grid.rows, grid.cols];
  return {
    lookup(table) {
      const rows = onnx.node('Gather', [stored(table), codes]);
      const planes = onnx.node('Transpose', [rows], { perm: [2, 0, 1] });
      return onnx.node('Reshape', [planes, onnx.integers([1, embedding, ...side])]);
    },
    conv(x, name, { size, inChannels, outChannels, hasBias }) {
      const kernel = onnx.constant(`${name}/kernel`, [outChannels, inChannels, size, size], () =>
        outFirst(model.weight(`${name}/kernel`).values, [size, inChannels, outChannels]),
      );
      const pad = (size - 1) / 2;
      const attributes = { kernel_shape: [size, size], pads: [pad, pad, pad, pad] };
      return onnx.node('Conv', [x, kernel, ...(hasBias ? [stored(`${name}/bias`)] : [])], attributes);
    },
    // GroupNormalization has no kernel on WebGPU there and is split into pieces of which two run on the CPU.
    normSilu(x, name, channels) {
      const ones = onnx.constant(`ones ${groups}`, [groups], () => new Float32Array(groups).fill(1));
      const zeros = onnx.constant(`zeros ${groups}`, [groups], () => new Float32Array(groups));
      const grouped = onnx.node('Reshape', [x, onnx.integers([1, groups, -1])]);
      const norm = onnx.node('InstanceNormalization', [grouped, ones, zeros], { epsilon: { float: groupEps } });
      const planes = onnx.node('Reshape', [norm, onnx.integers([1, channels, ...side])]);
      const affine = (part: string): string =>
        onnx.constant(`${name}/${part}`, [channels, 1, 1], () => model.weight(`${name}/${part}`).values);
      const y = onnx.node('Add', [onnx.node('Mul', [planes, affine('scale')]), affine('bias')]);
      return onnx.node('Mul', [y, onnx.node('Sigmoid', [y])]);
    },
    add: (a, b) => onnx.node('Add', [a, b]),
    enlarge(x) {
      side = side.map((length) => 2 * length);
      const attributes = { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };
      return onnx.node('Resize', [x, '', onnx.scales([1, 1, 2, 2])], attributes);
    },
  };
}

/** Constants as the files hold them. */
function storedIn(onnx: OnnxModel, model: PeerModel): (name: string, shape?: readonly number[]) => string {
  return (name, shape = model.weight(name).shape) => onnx.constant(name, shape, () => model.weight(name).values);
}

/** [size, size, in, out] → [out, in, size, size] */
export function outFirst(
  values: Float32Array,
  [size, inChannels, outChannels]: readonly [number, number, number],
): Float32Array<ArrayBuffer> {
  const taps = size * size;
  const turned = new Float32Array(values.length);
  for (let i = 0; i < values.length; i++) {
    const [out, rest] = [i % outChannels, Math.floor(i / outChannels)];
    const [channel, tap] = [rest % inChannels, Math.floor(rest / inChannels)];
    turned[(out * inChannels + channel) * taps + tap] = values[i]!;
  }
  return turned;
}
