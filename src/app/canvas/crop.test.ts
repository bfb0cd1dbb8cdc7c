import fc from 'fast-check';
import { expect, test } from 'vitest';
import { centred, cropSquare, fittedCrop, mostTimes, windowSquare } from './crop.ts';

const numbers = fc.double({ min: -5, max: 5 });

test('wherever the crop is dragged, its square stays inside the picture', () => {
  const sizes = fc.record({ width: fc.integer({ min: 1, max: 9000 }), height: fc.integer({ min: 1, max: 9000 }) });
  fc.assert(
    fc.property(numbers, numbers, numbers, sizes, (x, y, zoom, size) => {
      const { left, top, side } = cropSquare({ x, y, zoom }, size);
      expect(left).toBeGreaterThan(-1e-6);
      expect(top).toBeGreaterThan(-1e-6);
      expect(left + side).toBeLessThan(size.width + 1e-6);
      expect(top + side).toBeLessThan(size.height + 1e-6);
      expect(side).toBeGreaterThan(0);
    }),
  );
});

test('a crop that is no number shows the whole short side', () => {
  const nothing = { x: Number.NaN, y: Number.NaN, zoom: Number.NaN };
  expect(cropSquare(nothing, { width: 400, height: 300 })).toEqual({ left: 50, top: 0, side: 300 });
});

test('the first crop is the largest square in the middle', () => {
  expect(cropSquare(centred, { width: 400, height: 300 })).toEqual({ left: 50, top: 0, side: 300 });
});

test('a crop that fits is left as it is', () => {
  const crop = { x: 0.4, y: 0.6, zoom: 3 };
  expect(fittedCrop(crop, { width: 100, height: 100 })).toEqual(crop);
});

test('a window has whole pixels, a whole multiple of the model’s size, and lies inside the picture', () => {
  const sizes = fc.record({ width: fc.integer({ min: 32, max: 9000 }), height: fc.integer({ min: 32, max: 9000 }) });
  fc.assert(
    fc.property(numbers, numbers, sizes, fc.nat(), (x, y, size, pick) => {
      const most = mostTimes(size, 32);
      fc.pre(most > 0);
      const { left, top, side } = windowSquare({ x, y, zoom: 1 }, 1 + (pick % most), 32, size);
      expect([left, top, side].every(Number.isInteger) && side % 32 === 0 && side > 0).toBe(true);
      expect(left >= 0 && top >= 0 && left + side <= size.width && top + side <= size.height).toBe(true);
    }),
  );
});

test('a picture of the model’s size has no window, and no window is larger than a machine can take', () => {
  expect(mostTimes({ width: 256, height: 256 }, 256)).toBe(0);
  expect(mostTimes({ width: 4000, height: 200 }, 256)).toBe(0);
  expect(mostTimes({ width: 4000, height: 3000 }, 256)).toBe(8);
});
