import { describe, expect, it } from 'vitest';
import { affine } from '../../src/kernels/affine.ts';
import { attention } from '../../src/kernels/attention.ts';
import { conv2d } from '../../src/kernels/conv2d.ts';
import { linear } from '../../src/kernels/linear.ts';
import { wideAttention } from '../../src/kernels/wideAttention.ts';
import type { Recorder } from '../../src/program/program.ts';
import type { Tensor } from '../../src/program/tensor.ts';
import { keep, timePrograms } from './inTurns.ts';

/** The same work as it was before the fusion, and fused. */
type Ways = Readonly<Record<'apart' | 'fused', (rec: Recorder) => void>>;

async function compare(title: string, records: Ways): Promise<number> {
  const taken = await timePrograms(records, { apart: {}, fused: {} });
  const ratio = taken.fused.processorMs / taken.apart.processorMs;
  await keep(title, { ...taken, ratio });
  return ratio;
}

const [rows, width] = [130, 192];

describe('what was fused before', () => {
  it('query, key and value as one product', async () => {
    const xOf = (rec: Recorder): Tensor => rec.state('x', [rows, width], 'f32');
    const ratio = await compare('query, key and value as one product, 130 × 192', {
      apart: (rec) => {
        for (const name of ['q', 'k', 'v']) linear(rec, xOf(rec), { weight: rec.weight(name, [width, width]) });
      },
      fused: (rec) => void linear(rec, xOf(rec), { weight: rec.weight('qkv', [width, 3 * width]) }),
    });
    expect(ratio).toBeLessThan(1.5);
  });

  it('the activation in the epilogue of a product', async () => {
    const product = (rec: Recorder, activation: 'none' | 'silu'): Tensor => {
      const x = rec.state('x', [rows, width], 'f32');
      return linear(rec, x, { weight: rec.weight('w', [width, 4 * width]) }, { activation });
    };
    const ratio = await compare('the activation in the epilogue of 130 × 192 × 768', {
      apart: (rec) => {
        const y = rec.reshape(product(rec, 'none'), [1, rows, 4 * width]);
        affine(rec, y, rec.state('affine', [2, 4 * width], 'f32'), 'silu');
      },
      fused: (rec) => void product(rec, 'silu'),
    });
    expect(ratio).toBeLessThan(1.5);
  });

  it('nearest × 2 and a 3 × 3 convolution as four 2 × 2 convolutions', async () => {
    const [side, channels] = [16, 64];
    const ratio = await compare('upsample phases, 16 × 16 × 64 → 32 × 32 × 64', {
      // The enlarged picture is given: its own pass would come on top.
      apart: (rec) => {
        const x = rec.state('enlarged', [2 * side, 2 * side, channels], 'f32');
        conv2d(rec, x, { weight: rec.weight('k', [3, 3, channels, channels]), outChannels: channels });
      },
      fused: (rec) => {
        const x = rec.state('x', [side, side, channels], 'f32');
        conv2d(rec, x, { weight: rec.weight('phases', [4, 2, 2, channels, channels]), outChannels: channels });
      },
    });
    expect(ratio).toBeLessThan(1.5);
  });

  it('attention without its matrix of scores', async () => {
    const [length, head] = [257, 128];
    const ratio = await compare('attention without a stored matrix, 257 rows, one head of 128', {
      apart: (rec) => {
        const [query, key, value] = ['q', 'k', 'v'].map((name) => rec.state(name, [length, head], 'f32'));
        wideAttention(rec, { query: query!, key: key!, value: value! });
      },
      fused: (rec) => {
        attention(rec, rec.state('qkv', [length, 3 * head], 'f32'), { sequences: 1, heads: 1 });
      },
    });
    expect(ratio).toBeLessThan(1.5);
  });
});
