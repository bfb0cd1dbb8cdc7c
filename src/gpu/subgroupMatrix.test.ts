import { expect, it } from 'vitest';
import { subgroupMatrixOf } from './subgroupMatrix.ts';

const config = { componentType: 'f16', resultComponentType: 'f32', M: 8, N: 8, K: 8 };
const larger = { ...config, M: 16, N: 16, K: 16 };

function adapter(features: readonly string[], configs: readonly object[] | undefined, sizes = [8, 32]): GPUAdapter {
  const [subgroupMinSize, subgroupMaxSize] = sizes;
  const info = { subgroupMatrixConfigs: configs, subgroupMinSize, subgroupMaxSize };
  return { features: new Set(features), info } as unknown as GPUAdapter;
}
const all = ['chromium-experimental-subgroup-matrix', 'shader-f16', 'subgroup-size-control'];

it('takes the largest shape of half operands and whole sums, and the subgroup that it can ask for', () => {
  const configs = [
    config,
    larger,
    { ...larger, resultComponentType: 'f16', K: 32 },
    { ...larger, componentType: 'f32' },
  ];
  const exact = { rows: 16, columns: 16, terms: 16, lanes: 32, isExact: true };
  expect(subgroupMatrixOf(adapter(all, configs))).toEqual(exact);
  expect(subgroupMatrixOf(adapter(all, configs, [8, 16]))).toEqual({ ...exact, lanes: 16 });
  expect(subgroupMatrixOf(adapter(all, configs, [64, 128]))).toEqual({ ...exact, lanes: 64 });
  const atMost = { ...exact, lanes: 64, isExact: false };
  expect(subgroupMatrixOf(adapter(all.slice(0, 2), configs, [4, 64]))).toEqual(atMost);
});

it('has none without the feature, half floats, or a shape', () => {
  expect(subgroupMatrixOf(adapter(all.slice(1), [config]))).toBeUndefined();
  expect(subgroupMatrixOf(adapter(all.slice(0, 1), [config]))).toBeUndefined();
  expect(subgroupMatrixOf(adapter(all, []))).toBeUndefined();
  expect(subgroupMatrixOf(adapter(all, undefined))).toBeUndefined();
  expect(subgroupMatrixOf(adapter(all, [{ ...config, componentType: 'i8' }]))).toBeUndefined();
});
