import type { TokenizerConfig } from '../core/config.ts';
import { averagePool } from '../kernels/averagePool.ts';
import { conv2d, convWeights, type ConvShape } from '../kernels/conv2d.ts';
import { groupNormSilu } from '../kernels/groupNormSilu.ts';
import { lookup } from '../kernels/lookup.ts';
import { nearest, type Quantised } from '../kernels/nearest.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';

/**
 * The VQGAN of MaskGIT (Chang et al. 2022; vqgan_tokenizer.py of the official code): no attention, group norm and SiLU in
 * front of every convolution of a residual block, weights under the official names. Images are [height, width, channels].
 */

/** Image [height, width, 3] in [0, 1] → latent [rows, cols, embedding], one for 2^(levels − 1) pixels a side. */
export function encoder(rec: Recorder, image: Tensor, config: TokenizerConfig): Tensor {
  const { filters, multipliers, embedding } = config;
  expectShape(image, ['height', 'width', 3]);
  const blocks = residualBlocks(rec, 'encoder', config);
  let x = conv(rec, 'encoder/Conv_0', image, filters, { size: 3, hasBias: false });
  multipliers.forEach((multiplier, level) => {
    x = blocks(x, filters * multiplier);
    if (level < multipliers.length - 1) x = averagePool(rec, x);
  });
  x = blocks(x, filters * multipliers.at(-1)!);
  x = normSilu(rec, 'encoder/GroupNorm_0', x, config);
  return conv(rec, 'encoder/Conv_1', x, embedding, { size: 1, hasBias: true });
}

/** Latent [rows, cols, embedding] → the nearest codebook entry of every position, and how clear the choice was. */
export function quantise(rec: Recorder, latent: Tensor, config: TokenizerConfig): Quantised {
  return nearest(rec, latent, codebookOf(rec, config));
}

/** Tokens [rows, cols] i32 → image [height, width, 3], about [0, 1] and not clipped. */
export function decoder(rec: Recorder, tokens: Tensor, config: TokenizerConfig): Tensor {
  const { filters, multipliers } = config;
  expectShape(tokens, ['rows', 'cols']);
  const blocks = residualBlocks(rec, 'decoder', config);
  const levels = multipliers.length;
  const deepest = filters * multipliers.at(-1)!;
  const entries = lookup(rec, tokens, codebookOf(rec, config));
  let x = conv(rec, 'decoder/Conv_0', entries, deepest, { size: 3, hasBias: true });
  x = blocks(x, deepest);
  for (let level = levels - 1; level >= 0; level--) {
    const channels = filters * multipliers[level]!;
    x = blocks(x, channels);
    if (level > 0) {
      x = conv(rec, `decoder/Conv_${levels - level}`, x, channels, { size: 3, hasBias: true, upsample: true });
    }
  }
  x = normSilu(rec, 'decoder/GroupNorm_0', x, config);
  return conv(rec, `decoder/Conv_${levels}`, x, 3, { size: 3, hasBias: true });
}

/** Runs the next `resBlocks` blocks of a side; they are numbered in the order of the calls. */
function residualBlocks(rec: Recorder, side: 'encoder' | 'decoder', config: TokenizerConfig) {
  let number = 0;
  return (x: Tensor, channels: number): Tensor => {
    for (let i = 0; i < config.resBlocks; i++) {
      x = residualBlock(rec, `${side}/ResBlock_${number++}`, x, channels, config);
    }
    return x;
  };
}

/**
 * h = conv(silu(norm(conv(silu(norm(x)))))), and x + h where the channels stay. Where they change the official code
 * computes its shortcut from h instead of x (issue 3 of its repository): h + Conv_2(h), with x dropped. The released
 * weights were trained so.
 */
function residualBlock(rec: Recorder, name: string, x: Tensor, channels: number, config: TokenizerConfig): Tensor {
  const shape = { size: 3, hasBias: false } as const;
  const first = conv(rec, `${name}/Conv_0`, normSilu(rec, `${name}/GroupNorm_0`, x, config), channels, shape);
  const normed = normSilu(rec, `${name}/GroupNorm_1`, first, config);
  if (x.shape.at(-1) === channels) return conv(rec, `${name}/Conv_1`, normed, channels, shape, x);
  const h = conv(rec, `${name}/Conv_1`, normed, channels, shape);
  return conv(rec, `${name}/Conv_2`, h, channels, { size: 1, hasBias: false }, h);
}

function conv(
  rec: Recorder,
  name: string,
  x: Tensor,
  outChannels: number,
  shape: Omit<ConvShape, 'inChannels' | 'outChannels'>,
  residual?: Tensor,
): Tensor {
  const weights = convWeights(rec, name, { ...shape, inChannels: x.shape.at(-1)!, outChannels });
  return conv2d(rec, x, weights, residual);
}

function normSilu(rec: Recorder, name: string, x: Tensor, config: TokenizerConfig): Tensor {
  const channels = x.shape.at(-1)!;
  const norm = { scale: rec.weight(`${name}/scale`, [channels]), bias: rec.weight(`${name}/bias`, [channels]) };
  return groupNormSilu(rec, x, norm, config);
}

function codebookOf(rec: Recorder, { codebook, embedding }: TokenizerConfig): Tensor {
  return rec.weight('quantizer/codebook', [codebook, embedding]);
}
