import type { TokenizerConfig } from '../core/config.ts';
import { lookup } from '../kernels/lookup.ts';
import { nearest, type Quantised } from '../kernels/nearest.ts';
import { rescale } from '../kernels/rescale.ts';
import { unitRows } from '../kernels/unitRows.ts';
import type { Recorder } from '../program/program.ts';
import { expectShape, type Tensor } from '../program/tensor.ts';
import { blocksOf, conv, halve, normSilu } from './vqganBlocks.ts';

/**
 * The VQGAN of MaskGIT (Chang et al. 2022; vqgan_tokenizer.py of the official code): group norm and SiLU in front of
 * every convolution of a residual block, weights under the official names. Where taming-transformers (Esser et al.
 * 2021) and LlamaGen (Sun et al. 2024) differ, the configuration says so. Images are [height, width, channels].
 */

/** Image [height, width, 3] in [0, 1] → latent [rows, cols, embedding], one for 2^(levels − 1) pixels a side. */
export function encoder(rec: Recorder, image: Tensor, config: TokenizerConfig): Tensor {
  const { filters, multipliers, resBlocks, embedding, latentWidth = embedding } = config;
  expectShape(image, ['height', 'width', 3]);
  const blocks = blocksOf(rec, 'encoder', config);
  const lowest = multipliers.length - 1;
  let x = config.imageRange === 'signed' ? rescale(rec, image, { factor: 2, offset: -1 }) : image;
  x = conv(rec, 'encoder/Conv_0', x, filters, { size: 3, hasBias: config.blockBiases ?? false, isEdge: true });
  multipliers.forEach((multiplier, level) => {
    x = blocks.level(x, filters * multiplier, { count: resBlocks, isLowest: level === lowest });
    if (level < lowest) x = halve(rec, `encoder/Downsample_${level}`, x, config);
  });
  x = blocks.middle(x);
  x = normSilu(rec, 'encoder/GroupNorm_0', x, config);
  x = conv(rec, 'encoder/Conv_1', x, latentWidth, { size: config.latentKernel ?? 1, hasBias: true, isEdge: true });
  if (config.latentWidth === undefined) return x;
  return conv(rec, 'quantizer/Conv_in', x, embedding, { size: 1, hasBias: true });
}

/** Latent [rows, cols, embedding] → the nearest codebook entry of every position, and how clear the choice was. */
export function quantise(rec: Recorder, latent: Tensor, config: TokenizerConfig): Quantised {
  return nearest(rec, config.unitEntries ? unitRows(rec, latent) : latent, codebookOf(rec, config));
}

/** Tokens [rows, cols] i32 → image [height, width, 3], about [0, 1] and not clipped. */
export function decoder(rec: Recorder, tokens: Tensor, config: TokenizerConfig): Tensor {
  const { filters, multipliers, resBlocks, decoderBlocks = resBlocks } = config;
  expectShape(tokens, ['rows', 'cols']);
  const blocks = blocksOf(rec, 'decoder', config);
  const levels = multipliers.length;
  let x = lookup(rec, tokens, codebookOf(rec, config));
  if (config.latentWidth !== undefined) {
    x = conv(rec, 'quantizer/Conv_out', x, config.latentWidth, { size: 1, hasBias: true });
  }
  x = conv(rec, 'decoder/Conv_0', x, filters * multipliers.at(-1)!, { size: 3, hasBias: true, isEdge: true });
  x = blocks.middle(x);
  for (let level = levels - 1; level >= 0; level--) {
    const channels = filters * multipliers[level]!;
    x = blocks.level(x, channels, { count: decoderBlocks, isLowest: level === levels - 1 });
    if (level > 0) {
      x = conv(rec, `decoder/Conv_${levels - level}`, x, channels, { size: 3, hasBias: true, upsample: true });
    }
  }
  x = normSilu(rec, 'decoder/GroupNorm_0', x, config);
  x = conv(rec, `decoder/Conv_${levels}`, x, 3, { size: 3, hasBias: true, isEdge: true });
  return config.imageRange === 'signed' ? rescale(rec, x, { factor: 0.5, offset: 0.5 }) : x;
}

function codebookOf(rec: Recorder, { codebook, embedding, unitEntries }: TokenizerConfig): Tensor {
  const name = 'quantizer/codebook';
  if (!unitEntries) return rec.weight(name, [codebook, embedding]);
  return rec.weight(`${name}.unit`, [codebook, embedding], { kind: 'unitRows', name });
}
