import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { prepareWeight, type WeightRecipe } from '../../../src/program/recipe.ts';
import { sequenceIds, walkDecoder, walkTransformer, type DecoderOps, type TransformerOps } from '../networks.ts';
import type { SharedDevice } from '../sharedDevice.ts';
import type { PeerModel } from '../weights.ts';
import type { KernelOperands, KernelShape, Runtime, Unit } from './runtime.ts';

/** TensorFlow.js on WebGPU, in f32: it has no half floats and no fused norms there; what can be fused is. */
export async function tfjs(shared: SharedDevice): Promise<Runtime> {
  // Its kernels are registered for this name only.
  tf.removeBackend('webgpu');
  tf.registerBackend('webgpu', () => new WebGPUBackend(shared.device, shared.adapter.info));
  await tf.setBackend('webgpu');
  await tf.ready();
  return {
    name: 'tfjs WebGPU',
    notes: () => ({ version: tf.version_core, floats: 'float32' }),
    networks: {
      async step(model, sequences) {
        const weights = new Weights(model);
        let ids = tf.zeros([0], 'int32');
        const unit = unitOf(() => walkTransformer(transformerOps(weights, model, ids, sequences), model));
        return {
          ...unit,
          write(tokens, classes) {
            ids.dispose();
            ids = tf.tensor1d(sequenceIds(tokens, classes, model), 'int32');
          },
        };
      },
      async decode(model) {
        const weights = new Weights(model);
        let codes = tf.zeros([0], 'int32');
        const unit = unitOf(() => walkDecoder(decoderOps(weights, model, codes), model));
        return {
          ...unit,
          write(values) {
            codes.dispose();
            codes = tf.tensor1d(values, 'int32');
          },
        };
      },
    },
    kernel: async (shape, operands) => kernelUnit(shape, operands),
  };
}

function unitOf(compute: () => tf.Tensor): Unit {
  let last: tf.Tensor | undefined;
  return {
    async submit() {
      last?.dispose();
      last = tf.tidy(compute);
      const backend = tf.backend() as WebGPUBackend;
      backend.ensureCommandEncoderReady(); // it submits by itself after so many dispatches, and may just have done so
      backend.endComputePassEncoder();
      backend.submitQueue();
    },
    read: async () => (await last!.data()) as Float32Array,
  };
}

/** Weights as tensors, each made once. */
class Weights {
  readonly #model: PeerModel;
  readonly #made = new Map<string, tf.Tensor>();

  constructor(model: PeerModel) {
    this.#model = model;
  }

  stored(name: string): tf.Tensor {
    return this.#once(name, () => {
      const { values, shape } = this.#model.weight(name);
      return tf.tensor(values, [...shape]);
    });
  }

  made(name: string, recipe: WeightRecipe, names: readonly string[], shape: number[]): tf.Tensor {
    return this.#once(name, () => tf.tensor(prepareWeight(recipe, names.map(this.#model.weight)), shape));
  }

  #once(name: string, make: () => tf.Tensor): tf.Tensor {
    let tensor = this.#made.get(name);
    if (tensor === undefined) this.#made.set(name, (tensor = tf.keep(make())));
    return tensor;
  }
}

function transformerOps(
  weights: Weights,
  { config, positions }: PeerModel,
  ids: tf.Tensor,
  sequences: number,
): TransformerOps<tf.Tensor2D> {
  const { width, heads, codebook, layerEps, gelu } = config.transformer;
  const length = positions + 1;
  const flat = (x: tf.Tensor): tf.Tensor2D => x.reshape([-1, width]);
  return {
    embed(table, places) {
      const words = tf.gather(weights.stored(table), ids as tf.Tensor1D).reshape([sequences, length, width]);
      return flat(words.add(weights.stored(places)));
    },
    addNorm({ x, skip, bias }, norm) {
      const shifted = bias ? x.add(weights.stored(bias)) : x;
      const sum = skip ? shifted.add(skip) : shifted;
      const { mean, variance } = tf.moments(sum, -1, true);
      const scaled = sum.sub(mean).mul(variance.add(layerEps).rsqrt());
      return scaled.mul(weights.stored(`${norm}/scale`)).add(weights.stored(`${norm}/bias`));
    },
    attend(x, name) {
      const parts = ['query', 'key', 'value'].map((part) => `${name}/${part}`);
      const all = (kind: string): string[] => parts.map((part) => `${part}/${kind}`);
      const columns = (kind: string, shape: number[]): tf.Tensor =>
        weights.made(`${name}/${kind}`, { kind: 'columns', names: all(kind) }, all(kind), shape);
      const [kernel, bias] = [columns('kernel', [width, 3 * width]), columns('bias', [3 * width])];
      const qkv = tf.fused.matMul({ a: x, b: kernel as tf.Tensor2D, bias });
      const split = qkv.reshape([sequences, length, 3, heads, width / heads]).transpose([2, 0, 3, 1, 4]);
      const [q, k, v] = tf.unstack(split) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
      const scores = tf.matMul(q, k, false, true).mul(1 / Math.sqrt(width / heads));
      return flat(tf.matMul(tf.softmax(scores), v).transpose([0, 2, 1, 3]));
    },
    product: (x, name) => tf.matMul(x, weights.stored(`${name}/kernel`) as tf.Tensor2D),
    biasGelu(x, bias) {
      const y = x.add(weights.stored(bias));
      if (gelu === 'erf') return y.mul(0.5).mul(y.mul(Math.SQRT1_2).erf().add(1));
      const inner = y.add(y.mul(y).mul(y).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
      return y.mul(0.5).mul(inner.tanh().add(1));
    },
    gridRows: (x, first) => flat(x.reshape([sequences, length, width]).slice([0, first, 0], [-1, positions, -1])),
    logits(x, words, bias) {
      const codes = (name: string): WeightRecipe => ({ kind: 'transposedRows', name, rows: codebook });
      const weight = weights.made('codes', codes(words), [words], [width, codebook]) as tf.Tensor2D;
      const shift = weights.made('shift', codes(bias), [bias], [codebook]);
      return tf.fused.matMul({ a: x, b: weight, bias: shift }) as tf.Tensor2D;
    },
  };
}

function decoderOps(weights: Weights, { config }: PeerModel, codes: tf.Tensor): DecoderOps<tf.Tensor4D> {
  const { grid, tokenizer } = config;
  const { groups, groupEps, embedding } = tokenizer;
  return {
    lookup: (table) =>
      tf.gather(weights.stored(table), codes as tf.Tensor1D).reshape([1, grid.rows, grid.cols, embedding]),
    conv(x, name, { hasBias }) {
      const filter = weights.stored(`${name}/kernel`) as tf.Tensor4D;
      const bias = hasBias ? { bias: weights.stored(`${name}/bias`) } : {};
      return tf.fused.conv2d({ x, filter, strides: 1, pad: 'same', ...bias });
    },
    normSilu(x, name, channels) {
      const [, height, width] = x.shape;
      const grouped = x.reshape([height * width, groups, channels / groups]);
      const { mean, variance } = tf.moments(grouped, [0, 2], true);
      const norm = grouped.sub(mean).mul(variance.add(groupEps).rsqrt()).reshape(x.shape);
      const y = norm.mul(weights.stored(`${name}/scale`)).add(weights.stored(`${name}/bias`)) as tf.Tensor4D;
      return y.mul(y.sigmoid());
    },
    add: (a, b) => a.add(b),
    enlarge: (x) => tf.image.resizeNearestNeighbor(x, [2 * x.shape[1], 2 * x.shape[2]]),
  };
}

function kernelUnit(shape: KernelShape, { x, weight }: KernelOperands): Unit {
  if (shape.kind === 'product') {
    const { rows, inWidth, outWidth } = shape;
    const [a, b] = [tf.tensor2d(x, [rows, inWidth]), tf.tensor2d(weight, [inWidth, outWidth])];
    return unitOf(() => tf.matMul(a, b));
  }
  const { side, inChannels, outChannels } = shape;
  const picture = tf.tensor4d(x, [1, side, side, inChannels]);
  const filter = tf.tensor4d(weight, [3, 3, inChannels, outChannels]);
  return unitOf(() => tf.conv2d(picture, filter, 1, 'same'));
}
