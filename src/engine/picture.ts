import type { Picture } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';

/** Pixels as the networks see them: [size, size, 3] f32, 0 to 1, not clipped. */
export type Pixels = Float32Array<ArrayBuffer>;

/** A picture of the model's size as pixels; alpha is dropped. Failure BadRequest when the size is another. */
export function pixelsOf({ width, height, rgba }: Picture, size: number): Pixels {
  if (width !== size || height !== size || rgba.length !== 4 * size * size) {
    throw new Failure('BadRequest', `the picture is ${width} × ${height} pixels; the model's are ${size} × ${size}`);
  }
  return colourPixels({ width, height, rgba });
}

/** Pixels [height, width, 3] of a picture of any size; alpha is dropped. */
export function colourPixels({ width, height, rgba }: Picture): Pixels {
  const pixels = new Float32Array(width * height * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = rgba[Math.floor(i / 3) * 4 + (i % 3)]! / 255;
  return pixels;
}

/** Pixels [height, width, 3] clipped to 0…1 and rounded to 8 bits, opaque. */
export function pictureOf(pixels: Float32Array, width: number, height = width): Picture {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let i = 0; i < pixels.length; i++) rgba[Math.floor(i / 3) * 4 + (i % 3)] = pixels[i]! * 255;
  return { width, height, rgba };
}
