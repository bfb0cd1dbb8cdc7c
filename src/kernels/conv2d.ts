import source from '#shaders/conv2d.wgsl?raw';
import tiledSource from '#shaders/conv2dTiled.wgsl?raw';
import type { Product } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { CHANNEL_BLOCK, PHASES, type WeightRecipe } from '../program/recipe.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { inTiles, productTiles, threadsOf, variantOf } from './productTile.ts';
import { forStoredWeights, matrix, optionalParts, type Matrix } from './storedWeights.ts';

/** Pixels of a row that one invocation computes. */
const TILE = 8;

/** What both variants share: their sum, and the memory that it is in. */
const declaration = {
  buffers: { x: 'read', kernel: 'read', columnScale: 'read', bias: 'read', residual: 'read', y: 'read_write' },
  params: {
    height: 'u32',
    width: 'u32',
    inChannels: 'u32',
    outChannels: 'u32',
    size: 'u32',
    pad: 'u32',
    scale: 'u32',
    stride: 'u32',
    isScaled: 'u32',
    hasBias: 'u32',
    hasResidual: 'u32',
  },
  product: productOf,
  operations: (params: Record<string, number>) => {
    const { rows, terms, columns } = productOf(params);
    return 2 * rows * terms * columns;
  },
} as const;

const conv2dBlocks = forStoredWeights({
  ...declaration,
  name: 'conv2d',
  source,
  workgroups: ({ height, width, outChannels, scale, stride }) => {
    const tiles = Math.ceil(Math.floor(width / stride) / TILE) * Math.floor(height / stride) * scale ** 2;
    const blocks = Math.ceil(outChannels / CHANNEL_BLOCK);
    const across = blocks >= 4 ? 4 : blocks >= 2 ? 2 : 1; // as in the kernel
    return [Math.ceil((tiles * across) / 16), Math.ceil(blocks / across)];
  },
});

const conv2dTiled = inTiles({
  ...declaration,
  name: 'conv2dTiled',
  source: tiledSource,
  constants: ['threadRows', 'threadCols'],
  workgroups: ({ height, width, outChannels, scale, stride }, { threadRows, threadCols }) => [
    Math.ceil(outChannels / (8 * threadCols)),
    Math.ceil(pixelsOfPhase(height, width, stride) / (4 * threadRows)),
    scale ** 2,
  ],
});

type ConvParam = keyof typeof declaration.params;

/** Pixels times taps and channels. */
function productOf(params: Record<string, number>): Product {
  const { height, width, inChannels, outChannels, size, scale, stride } = params as Record<ConvParam, number>;
  const rows = scale ** 2 * pixelsOfPhase(height, width, stride);
  return { kind: 'conv2d', rows, terms: size ** 2 * inChannels, columns: outChannels };
}

function pixelsOfPhase(height: number, width: number, stride: number): number {
  return Math.floor(height / stride) * Math.floor(width / stride);
}

/**
 * The weights of a convolution as the kernel reads them: `weight` is [phases, size, size, inChannels, outChannels
 * rounded up to CHANNEL_BLOCK], `columnScale` has one for each of its channels.
 */
export interface ConvWeights extends Matrix {
  /** [outChannels] */
  readonly bias?: Tensor;
  readonly outChannels: number;
  readonly downsample?: boolean;
}

/** What the official code stores for a convolution `name`: kernel [size, size, inChannels, outChannels], bias or none. */
export interface ConvShape {
  readonly size: 1 | 3;
  readonly inChannels: number;
  readonly outChannels: number;
  readonly hasBias: boolean;
  /** The convolution (3 × 3) sees its input enlarged twofold by nearest neighbour. */
  readonly upsample?: boolean;
  /**
   * The convolution (3 × 3) moves by two pixels and has its zeros at the right and at the bottom only, as in
   * taming-transformers; an odd last row or column counts for those.
   */
  readonly downsample?: boolean;
  /** At least f16 in int8 models, which may or may not store it as int8: the first and the last of a network. */
  readonly isEdge?: boolean;
}

/** Ask for the weights of convolution `name`, arranged for the kernel where the stored ones are not. */
export function convWeights(rec: Recorder, name: string, shape: ConvShape): ConvWeights {
  const { size, inChannels, outChannels, hasBias, upsample = false, downsample = false, isEdge = false } = shape;
  const stored = `${name}/kernel`;
  const padded = Math.ceil(outChannels / CHANNEL_BLOCK) * CHANNEL_BLOCK;
  const recipe: WeightRecipe = upsample
    ? { kind: 'upsamplePhases', name: stored }
    : padded === outChannels
      ? { kind: 'stored', name: stored }
      : { kind: 'paddedChannels', name: stored };
  const suffix = { upsamplePhases: '.phases', paddedChannels: '.padded', stored: '' }[recipe.kind];
  const taps = upsample ? [PHASES, 2, 2] : [size, size];
  const kernel = matrix(rec, `${stored}${suffix}`, [...taps, inChannels, padded], recipe, isEdge);
  const weights = { ...kernel, outChannels, downsample };
  return hasBias ? { ...weights, bias: rec.weight(`${name}/bias`, [outChannels]) } : weights;
}

/**
 * Convolve x [height, width, inChannels] with zeros around it, stride 1, to [height, width, outChannels]; with weights
 * of four phases to twice the height and width, with `downsample` to half of them. `residual`, of the output's shape,
 * is added.
 *
 * Software adapters, and layers too narrow for a tile, take the variant without barriers.
 */
export function conv2d(rec: Recorder, x: Tensor, weights: ConvWeights, residual?: Tensor): Tensor {
  const [height, width, inChannels] = expectShape(x, ['height', 'width', 'inChannels']) as [number, number, number];
  const { weight: kernel, columnScale, bias, outChannels, downsample = false } = weights;
  const padded = Math.ceil(outChannels / CHANNEL_BLOCK) * CHANNEL_BLOCK;
  const isUpsampling = kernel.shape.length === 5;
  const size = kernel.shape.at(-3)!;
  expectShape(kernel, [...(isUpsampling ? [PHASES] : []), size, size, inChannels, padded]);
  if (bias) expectShape(bias, [outChannels]);
  if (columnScale) expectShape(columnScale, [padded]);
  const scale = isUpsampling ? 2 : 1;
  const stride = downsample ? 2 : 1;
  const shape = [scale * Math.floor(height / stride), scale * Math.floor(width / stride), outChannels];
  if (residual) expectShape(residual, shape);
  const y = rec.scratch(`${kernel.label.replace(/\/kernel.*/, '')}.y`, shape);
  const params = { height, width, inChannels, outChannels, size, pad: size > 1 && !downsample ? 1 : 0, scale, stride };
  const { bound, flags } = optionalParts(kernel, { columnScale, bias, residual });
  const tensors = { x, kernel, ...bound, y };
  const variant = variantOf(rec.capabilities, productOf(params), kernel.dtype, inChannels);
  // There are no convolutions by subgroup matrices.
  if (variant === 'registers' || variant === 'matrices') {
    rec.run(conv2dBlocks(kernel), tensors, { ...params, ...flags });
  } else {
    const tile = productTiles[variant];
    rec.run(conv2dTiled(kernel, tile), tensors, { ...params, ...flags }, threadsOf(tile));
  }
  return y;
}
