import { describe, expect, it } from 'vitest';
import { attention } from '../../src/kernels/attention.ts';
import { layerNorm } from '../../src/kernels/layerNorm.ts';
import type { Recorder } from '../../src/program/program.ts';
import { keep, timePrograms } from './inTurns.ts';

const hardware = { isFallback: false, subgroups: false };
const software = { isFallback: true };

describe('layer norm by row, by a tree of threads, by subgroups', () => {
  it.each([
    { rows: 130, cols: 192 },
    { rows: 257, cols: 768 },
  ])('of $rows × $cols', async ({ rows, cols }) => {
    const record = (rec: Recorder): void => {
      const affine = { scale: rec.weight('scale', [cols]), bias: rec.weight('bias', [cols]) };
      layerNorm(rec, rec.state('x', [rows, cols], 'f32'), affine, 1e-6);
    };
    const kinds = { byRow: software, byTree: hardware, bySubgroups: { isFallback: false, subgroups: true } };
    const taken = await timePrograms({ byRow: record, byTree: record, bySubgroups: record }, kinds);
    await keep(`layer norm ${rows} × ${cols}`, taken);
    expect(taken.byRow.ms).toBeGreaterThan(0);
  });
});

describe('attention by workgroup and by block', () => {
  const shapes = [65, 257, 1025].flatMap((length) => [24, 32, 64, 128].map((headWidth) => ({ length, headWidth })));

  it.each(shapes)('over $length rows, heads of $headWidth', async ({ length, headWidth }) => {
    const heads = Math.round(192 / headWidth);
    const record = (rec: Recorder): void => {
      const qkv = rec.state('qkv', [length, 3 * heads * headWidth], 'f32');
      attention(rec, qkv, { sequences: 1, heads });
    };
    const kinds = { byBlock: software, byWorkgroup: hardware };
    const taken = await timePrograms({ byBlock: record, byWorkgroup: record }, kinds, length > 1000 ? 3 : 5);
    const ratio = taken.byWorkgroup.processorMs / taken.byBlock.processorMs;
    await keep(`attention ${length} × ${heads} heads of ${headWidth}`, { ...taken, ratio });
    expect(taken.byBlock.ms).toBeGreaterThan(0);
  });
});
