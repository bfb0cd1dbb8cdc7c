import activationSource from '#shaders/lib/activation.wgsl?raw';
import tileSource from '#shaders/lib/productTile.wgsl?raw';
import source from '#shaders/linear.wgsl?raw';
import tiledSource from '#shaders/linearTiled.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { activationNumber, type Activation } from './activation.ts';
import { fitsTile, tileFor } from './productTile.ts';

export const linearKernel = defineKernel({
  name: 'linear',
  source: activationSource + source,
  buffers: { x: 'read', weight: 'read', bias: 'read', residual: 'read', y: 'read_write' },
  params: { rows: 'u32', inWidth: 'u32', outWidth: 'u32' },
  constants: ['activation', 'hasBias', 'hasResidual', 'threadRows'],
  workgroups: ({ rows, outWidth }, { threadRows }) => [Math.ceil(outWidth / 64), Math.ceil(rows / (8 * threadRows))],
  operations: ({ rows, inWidth, outWidth }) => 2 * rows * inWidth * outWidth,
});

export const linearTiledKernel = defineKernel({
  name: 'linearTiled',
  source: activationSource + tileSource + tiledSource,
  buffers: { x: 'read', weight: 'read', bias: 'read', residual: 'read', y: 'read_write' },
  params: { rows: 'u32', inWidth: 'u32', outWidth: 'u32' },
  constants: ['activation', 'threadRows', 'threadCols', 'hasBias', 'hasResidual'],
  workgroups: ({ rows, outWidth }, { threadRows, threadCols }) => [
    Math.ceil(outWidth / (8 * threadCols)),
    Math.ceil(rows / (4 * threadRows)),
  ],
  operations: ({ rows, inWidth, outWidth }) => 2 * rows * inWidth * outWidth,
});

/** A matrix [inWidth, outWidth] and a shift [outWidth]. */
export interface Dense {
  readonly weight: Tensor;
  readonly bias?: Tensor;
}

export interface LinearEpilogue {
  readonly activation?: Activation;
  /** [rows, outWidth], added after the activation. */
  readonly residual?: Tensor;
}

/** activation(x · weight + bias) + residual of x [rows, inWidth]: [rows, outWidth]. */
export function linear(rec: Recorder, x: Tensor, { weight, bias }: Dense, epilogue: LinearEpilogue = {}): Tensor {
  const { activation = 'none', residual } = epilogue;
  const [rows, inWidth] = expectShape(x, ['rows', 'inWidth']) as [number, number];
  const [, outWidth] = expectShape(weight, [inWidth, 'outWidth']) as [number, number];
  if (bias) expectShape(bias, [outWidth]);
  if (residual) expectShape(residual, [rows, outWidth]);
  const y = rec.scratch(weight.label.replace(/\/kernel$/, ''), [rows, outWidth]);
  const params = { rows, inWidth, outWidth };
  const choices = {
    activation: activationNumber(activation),
    hasBias: bias ? 1 : 0,
    hasResidual: residual ? 1 : 0,
  };
  // An absent tensor is bound to the weight, which is large enough for any of them and not read in its place.
  const tensors = { x, weight, bias: bias ?? weight, residual: residual ?? weight, y };
  if (fitsTile(rec.capabilities, inWidth, outWidth)) {
    rec.run(linearTiledKernel, tensors, params, { ...choices, ...tileFor(rows, outWidth) });
  } else {
    const threadRows = rec.capabilities.isFallback ? 1 : Math.min(8, Math.ceil(rows / 8));
    rec.run(linearKernel, tensors, params, { ...choices, threadRows });
  }
  return y;
}
