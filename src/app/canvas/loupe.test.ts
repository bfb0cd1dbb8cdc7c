import { expect, test } from 'vitest';
import { loupePlace } from './loupe.ts';

test('the loupe is above the finger and stays between the sides of the picture', () => {
  expect(loupePlace(180, 200, 340)).toEqual({ x: 180, y: 108 });
  expect(loupePlace(5, 200, 340).x).toBe(58);
  expect(loupePlace(338, 200, 340).x).toBe(282);
});

test('at the upper edge it is beside the finger, on the side with more room', () => {
  expect(loupePlace(60, 20, 340).x).toBe(152);
  expect(loupePlace(300, 20, 340).x).toBe(208);
});
