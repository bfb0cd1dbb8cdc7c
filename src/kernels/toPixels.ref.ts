import type { Reference } from '../program/interpret.ts';

/** round(clip(image) · 255) as bytes 0 to 2 of each pixel, 255 as byte 3. */
export const toPixels: Reference = ({ image, pixels }, { count }) => {
  for (let i = 0; i < count!; i++) {
    const [r, g, b] = Array.from(image!.subarray(3 * i, 3 * i + 3), (v) =>
      Math.round(Math.min(1, Math.max(0, v)) * 255),
    );
    pixels![i] = ((255 << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
  }
};
