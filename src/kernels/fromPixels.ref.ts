import type { Reference } from '../program/interpret.ts';

/** Bytes 0 to 2 of each pixel, divided by 255. */
export const fromPixels: Reference = ({ pixels, image }, { count }) => {
  for (let i = 0; i < 3 * count!; i++) {
    image![i] = ((pixels![Math.floor(i / 3)]! >>> (8 * (i % 3))) & 255) / 255;
  }
};
