import { describe, expect, it } from 'vitest';
import { plainCapabilities } from '../program/capabilities.ts';
import { Recorder } from '../program/program.ts';
import type { Tensor } from '../program/tensor.ts';
import { expectAgreement } from '../testing/agreement.ts';
import { normal } from '../testing/values.ts';
import { attention } from './attention.ts';
import * as references from './attention.ref.ts';

interface Shape {
  readonly sequences: number;
  readonly length: number;
  readonly heads: number;
  readonly headWidth: number;
}

type Fill = (size: readonly number[]) => Float32Array<ArrayBuffer>;

async function expectAttention(isFallback: boolean, shape: Shape, fill: Fill) {
  const { sequences, length, heads, headWidth } = shape;
  const rec = new Recorder({ ...plainCapabilities, isFallback });
  const qkv = rec.state('qkv', [sequences * length, 3 * heads * headWidth], 'f32');
  const y = attention(rec, qkv, shape);
  const values = fill(qkv.shape);
  const magnitude = values.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
  await expectAgreement(rec, references, new Map([[qkv, values]]), [y], { abs: 4e-6 * magnitude, rel: 1e-5 });
}

describe('attention by block', () => {
  it.each([4, 8, 64])('agrees with the reference where subgroups have %i lanes, and fills them', async (size) => {
    const rec = new Recorder({ ...plainCapabilities, isFallback: true, subgroups: true, subgroupMinSize: size });
    const qkv = rec.state('qkv', [2 * 65, 3 * 2 * 20], 'f32');
    const y = attention(rec, qkv, { sequences: 2, heads: 2 });
    expect(rec.finish('lanes').calls[0]!.constants['threads']).toBe(Math.min(8, size));
    await expectAgreement(rec, references, new Map([[qkv, normal(qkv.shape, 6)]]), [y], { abs: 2e-5, rel: 1e-5 });
  });
});

describe.each([
  { isFallback: false, by: 'workgroup' },
  { isFallback: true, by: 'block' },
])('attention by $by', ({ isFallback }) => {
  it.each([
    { shape: { sequences: 1, length: 1, heads: 1, headWidth: 16 }, why: 'one row' },
    { shape: { sequences: 3, length: 5, heads: 2, headWidth: 7 }, why: 'fewer rows and columns than a tile' },
    { shape: { sequences: 2, length: 17, heads: 3, headWidth: 85 }, why: 'an odd head width' },
    { shape: { sequences: 2, length: 65, heads: 6, headWidth: 32 }, why: 'mini: 8 × 8 tokens and the class' },
    { shape: { sequences: 1, length: 128, heads: 1, headWidth: 128 }, why: 'one whole slab of the widest head' },
    { shape: { sequences: 1, length: 129, heads: 1, headWidth: 20 }, why: 'one row more than a slab' },
  ])('agrees with the reference for $shape: $why', async ({ shape }) => {
    await expectAttention(isFallback, shape, (size) => normal(size, 1));
  });

  it.each([24, 32, 48, 64, 96, 128])(
    'agrees with the reference on 8 × 8, 16 × 16 and 32 × 32 tokens and the class, heads of %i',
    async (headWidth) => {
      const rec = new Recorder({ ...plainCapabilities, isFallback });
      const inputs = [65, 257, 1025].map((length) => rec.state(`qkv of ${length}`, [length, 3 * headWidth], 'f32'));
      const outputs = inputs.map((qkv) => attention(rec, qkv, { sequences: 1, heads: 1 }));
      const values = new Map(inputs.map((qkv, i) => [qkv, normal(qkv.shape, i)]));
      await expectAgreement(rec, references, values, outputs, { abs: 2e-5, rel: 1e-5 });
    },
  );

  it.each([
    {
      shape: { sequences: 2, length: 65, heads: 2, headWidth: 20 },
      first: 1,
      list: [63, 0, 5, 17, 9, 30],
      why: 'an edit',
    },
    {
      shape: { sequences: 3, length: 140, heads: 1, headWidth: 7 },
      first: 0,
      list: [139, 2, -1, -1],
      why: 'a short list',
    },
    { shape: { sequences: 1, length: 5, heads: 1, headWidth: 16 }, first: 1, list: [3], why: 'one token' },
    {
      shape: { sequences: 4, length: 20, heads: 2, headWidth: 8 },
      first: 1,
      list: [18, 0, 7, 3, 5, 4, 9, 18, 2, 11],
      pictures: 2,
      why: 'a list a picture',
    },
  ])(
    'agrees with the reference where only listed rows are wanted: $why',
    async ({ shape, first, list, pictures = 1 }) => {
      const { sequences, length, heads, headWidth } = shape;
      const rec = new Recorder({ ...plainCapabilities, isFallback });
      const qkv = rec.state('qkv', [sequences * length, 3 * heads * headWidth], 'f32');
      const places = rec.state('places', [list.length / pictures, pictures], 'i32');
      const y = attention(rec, qkv, { sequences, heads, wanted: { places, first } });
      const inputs = new Map<Tensor, Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>>([
        [qkv, normal(qkv.shape, 5)],
        [places, Int32Array.from(list)],
      ]);
      await expectAgreement(rec, references, inputs, [y], { abs: 2e-5, rel: 1e-5 });
    },
  );

  it('averages the values when all scores are equal', async () => {
    const shape = { sequences: 1, length: 130, heads: 2, headWidth: 18 };
    const width = 36;
    await expectAttention(isFallback, shape, (size) =>
      normal(size, 2).map((v, i) => (i % (3 * width) < 2 * width ? 0.5 : v)),
    );
  });

  it('survives scores of hundreds of thousands: the largest takes all', async () => {
    await expectAttention(isFallback, { sequences: 1, length: 65, heads: 2, headWidth: 32 }, (size) =>
      normal(size, 3, 800),
    );
  });

  it('survives a maximum that comes in the last slab', async () => {
    const [length, width] = [300, 16];
    await expectAttention(isFallback, { sequences: 1, length, heads: 1, headWidth: width }, (size) =>
      normal(size, 4).map((v, i) => v * (Math.floor(i / (3 * width)) / 100)),
    );
  });

  it('refuses columns that are not query, key and value of whole heads', () => {
    const rec = new Recorder();
    const qkv = rec.scratch('qkv', [10, 60]);
    expect(() => attention(rec, qkv, { sequences: 2, heads: 3 })).toThrow('60 columns are not 3 × 3 heads');
    expect(() => attention(rec, qkv, { sequences: 3, heads: 2 })).toThrow('10 rows are not 3 sequences');
  });
});
