import source from '#shaders/conv2d.wgsl?raw';
import tiledSource from '#shaders/conv2dTiled.wgsl?raw';
import tileSource from '#shaders/lib/productTile.wgsl?raw';
import { defineKernel } from '../program/kernel.ts';
import type { Recorder } from '../program/program.ts';
import { CHANNEL_BLOCK, PHASES } from '../program/recipe.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { fitsTile, tileFor } from './productTile.ts';

/** Pixels of a row that one invocation computes. */
const TILE = 8;

/** What both variants share: their sum, and the memory that it is in. */
const declaration = {
  buffers: { x: 'read', kernel: 'read', bias: 'read', residual: 'read', y: 'read_write' },
  params: {
    height: 'u32',
    width: 'u32',
    inChannels: 'u32',
    outChannels: 'u32',
    size: 'u32',
    pad: 'u32',
    scale: 'u32',
    stride: 'u32',
    hasBias: 'u32',
    hasResidual: 'u32',
  },
  operations: ({ height, width, inChannels, outChannels, size, scale, stride }: Record<string, number>) =>
    2 * scale! ** 2 * pixelsOfPhase(height!, width!, stride!) * size! ** 2 * inChannels! * outChannels!,
} as const;

export const conv2dKernel = defineKernel({
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

export const conv2dTiledKernel = defineKernel({
  ...declaration,
  name: 'conv2dTiled',
  source: tileSource + tiledSource,
  constants: ['threadRows', 'threadCols'],
  workgroups: ({ height, width, outChannels, scale, stride }, { threadRows, threadCols }) => [
    Math.ceil(outChannels / (8 * threadCols)),
    Math.ceil(pixelsOfPhase(height, width, stride) / (4 * threadRows)),
    scale ** 2,
  ],
});

function pixelsOfPhase(height: number, width: number, stride: number): number {
  return Math.floor(height / stride) * Math.floor(width / stride);
}

/** The weights of a convolution as the kernel reads them. */
export interface ConvWeights {
  /** [phases, size, size, inChannels, outChannels rounded up to CHANNEL_BLOCK] */
  readonly kernel: Tensor;
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
}

/** Ask for the weights of convolution `name`, arranged for the kernel where the stored ones are not. */
export function convWeights(rec: Recorder, name: string, shape: ConvShape): ConvWeights {
  const { size, inChannels, outChannels, hasBias, upsample = false, downsample = false } = shape;
  const stored = `${name}/kernel`;
  const padded = Math.ceil(outChannels / CHANNEL_BLOCK) * CHANNEL_BLOCK;
  const kernel = upsample
    ? rec.weight(`${stored}.phases`, [PHASES, 2, 2, inChannels, padded], { kind: 'upsamplePhases', name: stored })
    : padded === outChannels
      ? rec.weight(stored, [size, size, inChannels, outChannels])
      : rec.weight(`${stored}.padded`, [size, size, inChannels, padded], { kind: 'paddedChannels', name: stored });
  const weights = { kernel, outChannels, downsample };
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
  const { kernel, bias, outChannels, downsample = false } = weights;
  const padded = Math.ceil(outChannels / CHANNEL_BLOCK) * CHANNEL_BLOCK;
  const isUpsampling = kernel.shape.length === 5;
  const size = kernel.shape.at(-3)!;
  expectShape(kernel, [...(isUpsampling ? [PHASES] : []), size, size, inChannels, padded]);
  if (bias) expectShape(bias, [outChannels]);
  const scale = isUpsampling ? 2 : 1;
  const stride = downsample ? 2 : 1;
  const shape = [scale * Math.floor(height / stride), scale * Math.floor(width / stride), outChannels];
  if (residual) expectShape(residual, shape);
  const y = rec.scratch(`${kernel.label.replace(/\/kernel.*/, '')}.y`, shape);
  const params = { height, width, inChannels, outChannels, size, pad: size > 1 && !downsample ? 1 : 0, scale, stride };
  const choices = { hasBias: bias ? 1 : 0, hasResidual: residual ? 1 : 0 };
  // Every binding needs a buffer; without a bias or a residual the kernel reads nothing from it.
  const tensors = { x, kernel, bias: bias ?? kernel, residual: residual ?? kernel, y };
  if (fitsTile(rec.capabilities, inChannels, outChannels)) {
    const tile = tileFor(pixelsOfPhase(height, width, stride) * scale ** 2, outChannels);
    rec.run(conv2dTiledKernel, tensors, { ...params, ...choices }, tile);
  } else {
    rec.run(conv2dKernel, tensors, { ...params, ...choices });
  }
  return y;
}
