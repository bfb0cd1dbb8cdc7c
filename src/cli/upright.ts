import type { Picture } from '../core/engine.ts';
import type { Orientation } from '../formats/exif.ts';

/** The picture turned and mirrored so that it stands upright (EXIF 2.32, tag 0x0112). */
export function upright(picture: Picture, orientation: Orientation): Picture {
  if (orientation === 1) return picture;
  const { width, height } = picture;
  const isTurned = orientation >= 5;
  const [outWidth, outHeight] = isTurned ? [height, width] : [width, height];
  const source = new Uint32Array(picture.rgba.buffer);
  const target = new Uint32Array(outWidth * outHeight);
  for (let row = 0; row < outHeight; row++) {
    for (let col = 0; col < outWidth; col++) {
      const [x, y] = sourceOf(orientation, col, row, width, height);
      target[row * outWidth + col] = source[y * width + x]!;
    }
  }
  return { width: outWidth, height: outHeight, rgba: new Uint8ClampedArray(target.buffer) };
}

/** Where the pixel (col, row) of the upright picture lies in the stored one of `width` × `height`. */
function sourceOf(orientation: Orientation, col: number, row: number, width: number, height: number): [number, number] {
  const [right, bottom] = [width - 1, height - 1];
  switch (orientation) {
    case 1:
      return [col, row];
    case 2:
      return [right - col, row];
    case 3:
      return [right - col, bottom - row];
    case 4:
      return [col, bottom - row];
    case 5:
      return [row, col];
    case 6:
      return [row, bottom - col];
    case 7:
      return [right - row, bottom - col];
    case 8:
      return [right - row, col];
  }
}

/** Transparent parts over white, as most viewers show them; the networks know no alpha. */
export function overWhite({ width, height, rgba }: Picture): Picture {
  const opaque = new Uint8ClampedArray(rgba);
  for (let i = 0; i < opaque.length; i += 4) {
    const alpha = opaque[i + 3]! / 255;
    if (alpha === 1) continue;
    for (let channel = 0; channel < 3; channel++)
      opaque[i + channel] = opaque[i + channel]! * alpha + 255 * (1 - alpha);
    opaque[i + 3] = 255;
  }
  return { width, height, rgba: opaque };
}
