import activationSource from '#shaders/lib/activation.wgsl?raw';
import source from '#shaders/linear.wgsl?raw';
import blocksSource from '#shaders/linearBlocks.wgsl?raw';
import tiledSource from '#shaders/linearTiled.wgsl?raw';
import { defineKernel, type Product } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { activationNumber, type Activation } from './activation.ts';
import { linearMatrix } from './linearMatrix.ts';
import { inTiles, productTiles, rowsOfOne, threadsOf, variantOf } from './productTile.ts';
import { forStoredWeights, optionalParts, type Matrix } from './storedWeights.ts';

/** What all variants share. */
const declaration = {
  buffers: { x: 'read', weight: 'read', columnScale: 'read', bias: 'read', residual: 'read', y: 'read_write' },
  params: { rows: 'u32', inWidth: 'u32', outWidth: 'u32' },
  rows: 'rows',
  operations: (params: Record<string, number>) => {
    const { rows, terms, columns } = productOf(params);
    return 2 * rows * terms * columns;
  },
} as const;

function productOf({ rows, inWidth, outWidth }: Record<string, number>): Product {
  return { kind: 'linear', rows: rows!, terms: inWidth!, columns: outWidth! };
}

/** For columns that do not come in fours. */
export const linearKernel = defineKernel({
  ...declaration,
  name: 'linear',
  source: activationSource + source,
  buffers: { x: 'read', weight: 'read', bias: 'read', residual: 'read', y: 'read_write' },
  constants: ['activation', 'hasBias', 'hasResidual', 'threadRows'],
  workgroups: ({ rows, outWidth }, { threadRows }) => [Math.ceil(outWidth / 64), Math.ceil(rows / (8 * threadRows))],
});

const linearBlocks = forStoredWeights({
  ...declaration,
  product: productOf,
  name: 'linearBlocks',
  source: activationSource + blocksSource,
  constants: ['activation', 'isScaled', 'hasBias', 'hasResidual', 'threadRows'],
  workgroups: ({ rows, outWidth }, { threadRows }) => [Math.ceil(outWidth / 64), Math.ceil(rows / (8 * threadRows))],
});

const linearTiled = inTiles({
  ...declaration,
  product: productOf,
  name: 'linearTiled',
  source: activationSource + tiledSource,
  constants: ['threadRows', 'threadCols', 'activation', 'isScaled', 'hasBias', 'hasResidual'],
  workgroups: ({ rows, outWidth }, { threadRows, threadCols }) => [
    Math.ceil(outWidth / (8 * threadCols)),
    Math.ceil(rows / (4 * threadRows)),
  ],
});

/** A matrix [inWidth, outWidth] and a shift [outWidth]. */
export interface Dense extends Matrix {
  readonly bias?: Tensor;
}

export interface LinearEpilogue {
  readonly activation?: Activation;
  /** [rows, outWidth], added after the activation. */
  readonly residual?: Tensor;
}

/** activation(x · weight + bias) + residual of x [rows, inWidth]: [rows, outWidth]. */
export function linear(rec: Recorder, x: Tensor, dense: Dense, epilogue: LinearEpilogue = {}): Tensor {
  const { weight, columnScale, bias } = dense;
  const { activation = 'none', residual } = epilogue;
  const [rows, inWidth] = expectShape(x, ['rows', 'inWidth']) as [number, number];
  const [, outWidth] = expectShape(weight, [inWidth, 'outWidth']) as [number, number];
  for (const vector of [bias, columnScale]) if (vector) expectShape(vector, [outWidth]);
  if (residual) expectShape(residual, [rows, outWidth]);
  const y = rec.scratch(weight.label.replace(/\/kernel$/, ''), [rows, outWidth]);
  const params = { rows, inWidth, outWidth };
  const { bound, flags } = optionalParts(weight, { columnScale, bias, residual });
  const tensors = { x, weight, ...bound, y };
  const choices = { activation: activationNumber(activation), ...flags };
  const ownRows = rowsOfOne(rec.capabilities, rows);
  const threadRows = rec.capabilities.isFallback ? 1 : Math.min(8, Math.ceil(ownRows / 8));
  const variant = variantOf(rec.capabilities, productOf(params), weight.dtype);
  if (outWidth % 4 !== 0) {
    const { hasBias, hasResidual } = flags;
    rec.run(linearKernel, tensors, params, { activation: choices.activation, hasBias, hasResidual, threadRows });
  } else if (variant === 'registers') {
    rec.run(linearBlocks(weight), tensors, params, { ...choices, threadRows });
  } else if (variant === 'matrices') {
    rec.run(linearMatrix(rec.capabilities.subgroupMatrix!)(weight), tensors, params, choices);
  } else {
    const tile = productTiles[variant];
    rec.run(linearTiled(weight, tile), tensors, params, { ...choices, ...threadsOf(tile) });
  }
  return y;
}
