import { expect, test } from 'vitest';
import { topCodesOf } from './topCodes.ts';

test('the likeliest codes come first, with their probabilities among all codes', () => {
  const logits = Float32Array.from([0, Math.log(6), Math.log(3), -Infinity]);
  const { codes, probabilities, own } = topCodesOf(logits, 2, 0);
  expect([...codes]).toEqual([1, 2]);
  expect([...probabilities].map((p) => p.toFixed(3))).toEqual(['0.600', '0.300']);
  expect(own).toBeCloseTo(0.1);
});

test('a probability is a number whatever the logits are, and equal codes keep their order', () => {
  expect([...topCodesOf(Float32Array.from([800, 800, -800]), 8, 2).codes]).toEqual([0, 1, 2]);
  expect(topCodesOf(Float32Array.from([800, 800, -800]), 1, 1).own).toBeCloseTo(0.5);
});
