import { describe, it } from 'vitest';
import { Recorder } from '../program/program.ts';
import { expectClose, runOnDevice, typed } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { attention } from './attention.ref.ts';
import { wideAttention } from './wideAttention.ts';

describe('wideAttention', () => {
  it.each([
    { positions: 9, width: 5 },
    { positions: 16, width: 136 },
  ])('is attention with one head: $positions positions, $width wide', async ({ positions, width }) => {
    const rec = new Recorder();
    const names = ['query', 'key', 'value'] as const;
    const [query, key, value] = names.map((name) => rec.state(name, [positions, width], 'f32'));
    const y = rec.keep(wideAttention(rec, { query: query!, key: key!, value: value! }));
    const values = names.map((_, i) => normal([positions, width], i));
    const inputs = new Map([query!, key!, value!].map((tensor, i) => [tensor, values[i]!]));
    const [bytes] = await runOnDevice(rec.finish('test'), inputs, [y]);
    const side = (i: number): number =>
      values[Math.floor(i / width) % 3]![Math.floor(i / width / 3) * width + (i % width)]!;
    const qkv = Float64Array.from({ length: 3 * positions * width }, (_, i) => side(i));
    const expected = new Float64Array(positions * width);
    const params = { sequences: 1, length: positions, heads: 1, headWidth: width, queries: positions, first: 0 };
    attention({ qkv, y: expected }, params, {});
    expectClose('attended', typed(y, bytes!), expected, { abs: 1e-5, rel: 1e-5 });
  });
});
