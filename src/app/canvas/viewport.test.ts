import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { fitted, MAX_ZOOM, panned, pictureBox, viewportOf, zoomed } from './viewport.ts';

const fraction = fc.double({ min: -0.5, max: 0.5, noNaN: true });

describe('the viewport', () => {
  it('fits the picture into the smaller side, in the middle', () => {
    expect(pictureBox(600, 400, 1, fitted)).toEqual({ x: 100, y: 0, width: 400, height: 400 });
  });

  it('keeps a panorama clear of the tools on either side, and uses the whole width where they stand below', () => {
    const { x, width, height } = pictureBox(1000, 600, 4, fitted);
    expect([x, width, height]).toEqual([85, 830, 830 / 4]);
    expect(pictureBox(360, 360, 4, fitted)).toEqual({ x: 0, y: 135, width: 360, height: 90 });
  });

  it('keeps the point under the pointer where it is while zooming in', () => {
    fc.assert(
      fc.property(fraction, fraction, (x, y) => {
        const place = (viewport: typeof fitted): number[] => {
          const box = pictureBox(400, 400, 1, viewport);
          return [box.x + (0.5 + x) * box.width, box.y + (0.5 + y) * box.height];
        };
        const before = place(fitted);
        place(zoomed(fitted, 3, x, y)).forEach((after, i) => expect(after).toBeCloseTo(before[i]!, 6));
      }),
    );
  });

  it('is found again from where the picture lies', () => {
    for (const box of [
      { x: 40, y: 130, width: 90, height: 45 },
      { x: 0, y: 0, width: 400, height: 400 },
    ]) {
      const found = pictureBox(400, 300, box.width / box.height, viewportOf(400, 300, box));
      for (const key of ['x', 'y', 'width', 'height'] as const) expect(found[key]).toBeCloseTo(box[key], 6);
    }
  });

  it('never loses the picture, however it is zoomed and moved', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fraction, fraction, (factor, x, y) => {
        const viewport = panned(zoomed(fitted, factor, x, y), x * 9, y * 9);
        const box = pictureBox(400, 400, 1, viewport);
        expect(viewport.zoom).toBeGreaterThanOrEqual(1);
        expect(viewport.zoom).toBeLessThanOrEqual(MAX_ZOOM);
        expect(box.x).toBeLessThanOrEqual(1e-6);
        expect(box.x + box.width).toBeGreaterThanOrEqual(400 - 1e-6);
      }),
    );
  });
});
