import type { TokenizerConfig } from '../core/config.ts';
import { averagePool } from '../kernels/averagePool.ts';
import { conv2d, convWeights, type ConvShape } from '../kernels/conv2d.ts';
import { groupNorm } from '../kernels/groupNorm.ts';
import type { Affine } from '../kernels/layerNorm.ts';
import { linear, type Dense } from '../kernels/linear.ts';
import { matrix } from '../kernels/storedWeights.ts';
import { wideAttention } from '../kernels/wideAttention.ts';
import type { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';

/** The blocks of a side of the VQGAN; they are numbered in the order of the calls. */
export function blocksOf(rec: Recorder, side: 'encoder' | 'decoder', config: TokenizerConfig) {
  let residuals = 0;
  let attentions = 0;
  const residual = (x: Tensor, channels: number): Tensor =>
    residualBlock(rec, `${side}/ResBlock_${residuals++}`, x, channels, config);
  const attend = (x: Tensor): Tensor => attentionBlock(rec, `${side}/AttentionBlock_${attentions++}`, x, config);

  function level(x: Tensor, channels: number, { count, isLowest }: { count: number; isLowest: boolean }): Tensor {
    let y = x;
    for (let i = 0; i < count; i++) {
      y = residual(y, channels);
      if (isLowest && config.attention) y = attend(y);
    }
    return y;
  }

  function middle(x: Tensor): Tensor {
    const channels = x.shape.at(-1)!;
    if (config.attention) return residual(attend(residual(x, channels)), channels);
    return level(x, channels, { count: config.resBlocks, isLowest: true });
  }

  return { level, middle };
}

/**
 * h = conv(silu(norm(conv(silu(norm(x)))))), and x + h where the channels stay. Where they change, taming-transformers
 * has Conv_2(x) + h; the official code computes its shortcut from h instead of x (issue 3 of its repository):
 * h + Conv_2(h), with x dropped. The released weights were trained so.
 */
function residualBlock(rec: Recorder, name: string, x: Tensor, channels: number, config: TokenizerConfig): Tensor {
  const hasBias = config.blockBiases ?? false;
  const shape = { size: 3, hasBias } as const;
  const first = conv(rec, `${name}/Conv_0`, normSilu(rec, `${name}/GroupNorm_0`, x, config), channels, shape);
  const normed = normSilu(rec, `${name}/GroupNorm_1`, first, config);
  if (x.shape.at(-1) === channels) return conv(rec, `${name}/Conv_1`, normed, channels, shape, x);
  if (config.shortcut === 'input') {
    const shortcut = conv(rec, `${name}/Conv_2`, x, channels, { size: 1, hasBias });
    return conv(rec, `${name}/Conv_1`, normed, channels, shape, shortcut);
  }
  const h = conv(rec, `${name}/Conv_1`, normed, channels, shape);
  return conv(rec, `${name}/Conv_2`, h, channels, { size: 1, hasBias }, h);
}

/** x + out(attention of norm(x) over all pixels), one head as wide as x. */
function attentionBlock(rec: Recorder, name: string, x: Tensor, config: TokenizerConfig): Tensor {
  const [height, width, channels] = x.shape as [number, number, number];
  const rows = [height * width, channels];
  const norm = normOf(rec, `${name}/GroupNorm_0`, channels);
  const normed = rec.reshape(groupNorm(rec, x, norm, config, 'none'), rows);
  const dense = (part: string): Dense => denseOf(rec, `${name}/${part}`, channels);
  const attended = wideAttention(rec, {
    query: linear(rec, normed, dense('query')),
    key: linear(rec, normed, dense('key')),
    value: linear(rec, normed, dense('value')),
  });
  return rec.reshape(linear(rec, attended, dense('out'), { residual: rec.reshape(x, rows) }), x.shape);
}

/** The weights of a 1 × 1 convolution as those of a product with each pixel's channels. */
function denseOf(rec: Recorder, name: string, channels: number): Dense {
  const kernel = matrix(rec, `${name}/kernel`, [1, 1, channels, channels]);
  const weight = rec.reshape(kernel.weight, [channels, channels]);
  return { ...kernel, weight, bias: rec.weight(`${name}/bias`, [channels]) };
}

/** Half the height and width: means, or convolution `name` of stride 2. */
export function halve(rec: Recorder, name: string, x: Tensor, { downsample }: TokenizerConfig): Tensor {
  if (downsample !== 'convolution') return averagePool(rec, x);
  return conv(rec, name, x, x.shape.at(-1)!, { size: 3, hasBias: true, downsample: true });
}

export function conv(
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

export function normSilu(rec: Recorder, name: string, x: Tensor, config: TokenizerConfig): Tensor {
  return groupNorm(rec, x, normOf(rec, name, x.shape.at(-1)!), config, 'silu');
}

function normOf(rec: Recorder, name: string, channels: number): Affine {
  return { scale: rec.weight(`${name}/scale`, [channels]), bias: rec.weight(`${name}/bias`, [channels]) };
}
