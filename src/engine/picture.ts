import type { Picture } from '../core/engine.ts';
import { Failure } from '../core/failure.ts';

/** Pixels as the networks see them: [size, size, 3] f32, 0 to 1, not clipped. */
export type Pixels = Float32Array<ArrayBuffer>;

/** A picture of the model's size as pixels; alpha is dropped. Failure BadRequest when the size is another. */
export function pixelsOf({ width, height, rgba }: Picture, size: number): Pixels {
  if (width !== size || height !== size || rgba.length !== 4 * size * size) {
    throw new Failure('BadRequest', `the picture is ${width} × ${height} pixels; the model's are ${size} × ${size}`);
  }
  const pixels = new Float32Array(size * size * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = rgba[Math.floor(i / 3) * 4 + (i % 3)]! / 255;
  return pixels;
}

/** Pixels clipped to 0…1 and rounded to 8 bits, opaque. */
export function pictureOf(pixels: Float32Array, size: number): Picture {
  const rgba = new Uint8ClampedArray(size * size * 4).fill(255);
  for (let i = 0; i < pixels.length; i++) rgba[Math.floor(i / 3) * 4 + (i % 3)] = pixels[i]! * 255;
  return { width: size, height: size, rgba };
}
