import { describe, expect, it } from 'vitest';
import { plainCapabilities, type Target } from '../program/capabilities.ts';
import type { Product } from '../program/kernel.ts';
import { Recorder } from '../program/program.ts';
import { conv2d, convWeights } from './conv2d.ts';
import { linear } from './linear.ts';
import { productKey, productOfCall, productTiles, productVariants, variantOf } from './productTile.ts';
import { matrix } from './storedWeights.ts';

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
    expect(variantOf(software, product, 'f32')).toBe('registers');
    expect(variantOf(hardware, product, 'f32')).toBe('32 × 64');
    expect(variantOf(hardware, { ...product, columns: 32 }, 'f32')).toBe('64 × 32');
    expect(variantOf(hardware, { ...product, rows: 4096, columns: 256 }, 'f32')).toBe('64 × 64');
    expect(variantOf(hardware, { ...product, columns: 20 }, 'f32')).toBe('registers');
    expect(variantOf(hardware, product, 'f32', 3), 'a slab of three channels').toBe('registers');
  });

  it('is the measured one of exactly this product and this type of weights', () => {
    const tuned = { [productKey(product, 'i8')]: '128 × 64' };
    expect(variantOf({ ...hardware, tuned }, product, 'i8')).toBe('128 × 64');
    expect(variantOf({ ...hardware, tuned }, product, 'f32')).toBe('32 × 64');
    expect(variantOf({ ...hardware, tuned }, { ...product, rows: 65 }, 'i8')).toBe('32 × 64');
    expect(variantOf({ ...software, tuned }, product, 'i8')).toBe('128 × 64');
    expect(variantOf({ ...hardware, tuned: { '*': 'registers' } }, product, 'i8')).toBe('registers');
  });

  it('of several pictures is that of one of them, whatever would suit all of their rows', () => {
    const many = { ...product, rows: 4 * 4096, columns: 256 };
    const one = { ...many, rows: 4096 / 8 };
    expect(variantOf(hardware, many, 'f32')).not.toBe(variantOf(hardware, one, 'f32'));
    expect(variantOf({ ...hardware, pictures: 32 }, many, 'f32')).toBe(variantOf(hardware, one, 'f32'));
    const tuned = { [productKey(one, 'f32')]: '128 × 64', [productKey(many, 'f32')]: '64 × 32' };
    expect(variantOf({ ...hardware, tuned, pictures: 32 }, many, 'f32')).toBe('128 × 64');
  });

  it('is guessed where the measured one is unknown, as one of another version may be', () => {
    const tuned = { [productKey(product, 'f32')]: '7 × 7' };
    expect(variantOf({ ...hardware, tuned }, product, 'f32')).toBe('32 × 64');
  });

  it('never takes more threads or workgroup memory than the device has', () => {
    const tuned = { '*': '128 × 64' };
    expect(variantOf({ ...hardware, tuned, maxInvocationsPerWorkgroup: 128 }, product, 'f32')).toBe('32 × 64');
    expect(variantOf({ ...hardware, tuned, maxWorkgroupStorageBytes: 10_000 }, product, 'f32')).toBe('32 × 64');
    expect(variantOf({ ...hardware, maxWorkgroupStorageBytes: 4096 }, product, 'f32')).toBe('registers');
    for (const tile of Object.keys(productTiles)) {
      expect(variantOf({ ...hardware, f16: true, tuned: { '*': tile } }, product, 'f16'), tile).toBe(tile);
    }
  });

  it('is by subgroup matrices only where the device has some of a shape that fits, and it was measured', () => {
    const subgroupMatrix = { rows: 8, columns: 8, terms: 8, lanes: 32, isExact: true };
    const able: Target = { ...hardware, subgroupMatrix };
    const tuned = { '*': 'matrices' };
    expect(variantOf(able, product, 'i8')).toBe('32 × 64');
    expect(variantOf({ ...able, tuned }, product, 'i8')).toBe('matrices');
    expect(variantOf({ ...able, tuned }, product, 'f16')).toBe('matrices');
    expect(variantOf({ ...able, tuned }, product, 'f32'), 'f32 stays exact').toBe('32 × 64');
    expect(variantOf({ ...hardware, tuned }, product, 'i8')).toBe('32 × 64');
    expect(variantOf({ ...able, tuned }, { ...product, kind: 'conv2d' }, 'i8')).toBe('32 × 64');
    expect(variantOf({ ...able, tuned }, { ...product, columns: 66 }, 'i8')).toBe('registers');
    for (const part of [{ rows: 12 }, { terms: 64 }, { lanes: 128 }]) {
      const other = { ...able, tuned, subgroupMatrix: { ...subgroupMatrix, ...part } };
      expect(variantOf(other, product, 'i8'), JSON.stringify(part)).toBe('32 × 64');
    }
  });

  it('can be read from a recorded call, with the key that it was chosen by', () => {
    const subgroupMatrix = { rows: 16, columns: 16, terms: 16, lanes: 32, isExact: false };
    for (const variant of productVariants) {
      const target: Target = { ...hardware, f16: true, tuned: { '*': variant }, weights: 'f16', subgroupMatrix };
      const dense = only(target, (rec) =>
        linear(rec, rec.scratch('x', [130, 192]), matrix(rec, 'w/kernel', [192, 768])),
      );
      expect(dense).toEqual({ key: 'linear 130 × 192 × 768 f16', variant });
      const shape = { size: 3, inChannels: 64, outChannels: 64, hasBias: true, upsample: true } as const;
      const conv = only(target, (rec) => conv2d(rec, rec.scratch('x', [8, 8, 64]), convWeights(rec, 'c', shape)));
      expect(conv).toEqual({ key: 'conv2d 256 × 256 × 64 f16', variant: variant === 'matrices' ? '32 × 64' : variant });
    }
  });

  it('is none of the calls that cannot be done in several ways', () => {
    const odd = only(hardware, (rec) => linear(rec, rec.scratch('x', [8, 8]), { weight: rec.weight('w', [8, 7]) }));
    expect(odd).toBeUndefined();
  });
});
