import { describe, expect, it } from 'vitest';
import { plainCapabilities, type Target } from '../program/capabilities.ts';
import type { Product } from '../program/kernel.ts';
import { Recorder } from '../program/program.ts';
import { conv2d, convWeights } from './conv2d.ts';
import { linear } from './linear.ts';
import { productKey, productOfCall, productTiles, productVariants, tileFor } from './productTile.ts';

const product: Product = { kind: 'linear', rows: 130, terms: 192, columns: 768 };
const hardware: Target = plainCapabilities;
const software: Target = { ...plainCapabilities, isFallback: true };

function only(target: Target, record: (rec: Recorder) => void) {
  const rec = new Recorder(target);
  record(rec);
  return productOfCall(rec.finish('test').calls[0]!);
}

describe('the variant of a product', () => {
  it('is guessed where nothing was measured', () => {
    expect(tileFor(software, product, 'f32')).toBeUndefined();
    expect(tileFor(hardware, product, 'f32')).toEqual(productTiles['32 × 64']);
    expect(tileFor(hardware, { ...product, columns: 32 }, 'f32')).toEqual(productTiles['64 × 32']);
    expect(tileFor(hardware, { ...product, rows: 4096, columns: 256 }, 'f32')).toEqual(productTiles['64 × 64']);
    expect(tileFor(hardware, { ...product, columns: 20 }, 'f32')).toBeUndefined();
    expect(tileFor(hardware, product, 'f32', 3), 'a slab of three channels').toBeUndefined();
  });

  it('is the measured one of exactly this product and this type of weights', () => {
    const tuned = { [productKey(product, 'i8')]: '128 × 64' };
    expect(tileFor({ ...hardware, tuned }, product, 'i8')).toEqual(productTiles['128 × 64']);
    expect(tileFor({ ...hardware, tuned }, product, 'f32')).toEqual(productTiles['32 × 64']);
    expect(tileFor({ ...hardware, tuned }, { ...product, rows: 65 }, 'i8')).toEqual(productTiles['32 × 64']);
    expect(tileFor({ ...software, tuned }, product, 'i8')).toEqual(productTiles['128 × 64']);
    expect(tileFor({ ...hardware, tuned: { '*': 'registers' } }, product, 'i8')).toBeUndefined();
  });

  it('is guessed where the measured one is unknown, as one of another version may be', () => {
    const tuned = { [productKey(product, 'f32')]: '7 × 7' };
    expect(tileFor({ ...hardware, tuned }, product, 'f32')).toEqual(productTiles['32 × 64']);
  });

  it('never takes more threads or workgroup memory than the device has', () => {
    const tuned = { '*': '128 × 64' };
    expect(tileFor({ ...hardware, tuned, maxInvocationsPerWorkgroup: 128 }, product, 'f32')).toBeUndefined();
    expect(tileFor({ ...hardware, tuned, maxWorkgroupStorageBytes: 8192 }, product, 'f32')).toBeUndefined();
    for (const tile of Object.keys(productTiles)) {
      expect(tileFor({ ...hardware, tuned: { '*': tile } }, product, 'f32'), tile).toBeDefined();
    }
  });

  it('can be read from a recorded call, with the key that it was chosen by', () => {
    for (const variant of productVariants) {
      const target: Target = { ...hardware, tuned: { '*': variant }, weights: 'f16' };
      const dense = only(target, (rec) =>
        linear(rec, rec.scratch('x', [130, 192]), { weight: rec.weight('w', [192, 768]) }),
      );
      expect(dense).toEqual({ key: 'linear 130 × 192 × 768 f32', variant });
      const shape = { size: 3, inChannels: 64, outChannels: 64, hasBias: true, upsample: true } as const;
      const conv = only(target, (rec) => conv2d(rec, rec.scratch('x', [8, 8, 64]), convWeights(rec, 'c', shape)));
      expect(conv).toEqual({ key: 'conv2d 256 × 256 × 64 f16', variant });
    }
  });

  it('is none of the calls that cannot be done in several ways', () => {
    const odd = only(hardware, (rec) => linear(rec, rec.scratch('x', [8, 8]), { weight: rec.weight('w', [8, 7]) }));
    expect(odd).toBeUndefined();
  });
});
