import tileSource from '#shaders/lib/productTile.wgsl?raw';
import f32Terms from '#shaders/lib/terms/f32.wgsl?raw';
import f32Source from '#shaders/lib/weights/f32.wgsl?raw';
import tiledSource from '#shaders/conv2dTiled.wgsl?raw';
import { describe, expect, it } from 'vitest';
import { affine } from '../../src/kernels/affine.ts';
import { conv2d } from '../../src/kernels/conv2d.ts';
import { defineKernel } from '../../src/program/kernel.ts';
import type { Recorder } from '../../src/program/program.ts';
import { keep, timePrograms } from './inTurns.ts';

/** conv2dTiled that norms what it loads: silu(x · factor + offset) inside of the picture. */
const foldedSource = tiledSource
  .replace('@group(0) @binding(6) var<storage, read_write> y', '@group(0) @binding(7) var<storage, read_write> y')
  .replace(
    '/// Where four source pixels begin',
    `@group(0) @binding(6) var<storage, read> affine: array<f32>;
fn normed(v: vec4f, c: u32) -> vec4f {
  let n = v * affine[c] + affine[params.inChannels + c];
  return n / (1.0 + exp(-n));
}
/// Where four source pixels begin`,
  )
  .replace('vec4f(x[at.x], x[at.y], x[at.z], x[at.w])', 'normed(vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), c)');

const u32 = 'u32' as const;
const folded = defineKernel({
  name: 'conv2dTiledFolded',
  source: f32Source + f32Terms + tileSource + foldedSource,
  buffers: {
    x: 'read',
    kernel: 'read',
    columnScale: 'read',
    bias: 'read',
    residual: 'read',
    affine: 'read',
    y: 'read_write',
  },
  params: {
    height: u32,
    width: u32,
    inChannels: u32,
    outChannels: u32,
    size: u32,
    pad: u32,
    scale: u32,
    stride: u32,
    isScaled: u32,
    hasBias: u32,
    hasResidual: u32,
  },
  constants: ['threadRows', 'threadCols'],
  workgroups: ({ height, width, outChannels }, { threadRows, threadCols }) => [
    Math.ceil(outChannels / (8 * threadCols)),
    Math.ceil((height * width) / (4 * threadRows)),
  ],
});

describe('group norm and SiLU in the loader of the tiled convolution', () => {
  it.each([
    { side: 16, channels: 128 },
    { side: 32, channels: 64 },
  ])('$side × $side, $channels → $channels', async ({ side, channels }) => {
    const inputs = (rec: Recorder) => ({
      x: rec.state('x', [side, side, channels], 'f32'),
      factors: rec.state('affine', [2, channels], 'f32'),
      kernel: rec.weight('kernel', [3, 3, channels, channels]),
    });
    const taken = await timePrograms(
      {
        inItsOwnPass: (rec) => {
          const { x, factors, kernel } = inputs(rec);
          conv2d(rec, affine(rec, x, factors, 'silu'), { weight: kernel, outChannels: channels });
        },
        inTheLoader: (rec) => {
          const { x, factors, kernel } = inputs(rec);
          const y = rec.scratch('y', x.shape);
          const shape = { height: side, width: side, inChannels: channels, outChannels: channels };
          const none = { columnScale: kernel, bias: kernel, residual: kernel };
          const flags = { isScaled: 0, hasBias: 0, hasResidual: 0 };
          const params = { ...shape, size: 3, pad: 1, scale: 1, stride: 1, ...flags };
          const tile = { threadRows: 8, threadCols: 8 };
          rec.run(folded, { x, kernel, ...none, affine: factors, y }, params, tile);
        },
      },
      { inItsOwnPass: { isFallback: false }, inTheLoader: { isFallback: false } },
    );
    const ratio = taken.inTheLoader.processorMs / taken.inItsOwnPass.processorMs;
    await keep(`norm and SiLU in the loader of conv2dTiled, ${side} × ${side} × ${channels}`, { ...taken, ratio });
    expect(taken.inTheLoader.ms).toBeGreaterThan(0);
  });
});
