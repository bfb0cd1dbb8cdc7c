import type { Picture } from './engine.ts';
import { Failure } from './failure.ts';
import type { Grid } from './grid.ts';
import type { TokenMask } from './mask.ts';
import { putWindow, takeWindow } from './panorama.ts';
import { blendOf, blurPixels } from './composite.ts';
import { resizeBicubic } from './resample.ts';

/**
 * Cells around what was painted in which pixels may change, because a decoder looks further than one cell. In the
 * ring the new picture fades into the old one; beyond it no byte changes.
 */
export const RING_CELLS = 1;

/**
 * The same for photographs, which are blended as the reference does: its blur is about a cell wide at 256 pixels and
 * reaches two cells, while on small pictures it stays within one.
 */
export function softRingCells({ cols }: Grid, size: number): number {
  return blurPixels(size) <= size / cols / 4 ? RING_CELLS : RING_CELLS + 1;
}

/**
 * [height, width] share of the painted picture in each pixel: 1 in painted cells, falling to 0 at the outer edge of
 * a ring of `ring` cells, exactly 0 beyond it.
 */
export function ringBlend(mask: TokenMask, grid: Grid, size: number, ring = RING_CELLS): Float32Array<ArrayBuffer> {
  const [cellHeight, cellWidth] = [size / grid.rows, size / grid.cols];
  const blend = new Float32Array(size * size);
  mask.forEach((paint, p) => {
    if (paint !== 1) return;
    const top = Math.floor(p / grid.cols) * cellHeight;
    const left = (p % grid.cols) * cellWidth;
    const [high, wide] = [ring * cellHeight, ring * cellWidth];
    const lastRow = Math.min(size, Math.ceil(top + cellHeight + high));
    const lastCol = Math.min(size, Math.ceil(left + cellWidth + wide));
    for (let y = Math.max(0, Math.floor(top - high)); y < lastRow; y++) {
      const down = outside(y + 0.5, top, cellHeight) / (high || 1);
      for (let x = Math.max(0, Math.floor(left - wide)); x < lastCol; x++) {
        const share = 1 - Math.max(down, outside(x + 0.5, left, cellWidth) / (wide || 1));
        const at = y * size + x;
        if (share > blend[at]!) blend[at] = share;
      }
    }
  });
  return blend;
}

/** How far a point lies outside a span; 0 inside. */
function outside(at: number, start: number, length: number): number {
  return Math.max(0, start - at, at - start - length);
}

/** The reference's feathered blend for photographs, cut to 0 beyond `softRingCells` around the mask. */
export function softBlend(mask: TokenMask, grid: Grid, size: number): Float32Array<ArrayBuffer> {
  const limit = ringBlend(mask, grid, size, softRingCells(grid, size));
  return blendOf(mask, grid, size).map((share, at) => (limit[at]! > 0 ? share : 0));
}

/**
 * The painted picture over the base: a share of 0 keeps the base byte for byte, 1 takes the painted one.
 *
 * @throws Failure BadRequest when the pictures and the blend are not of one size
 */
export function pasteOver(base: Picture, painted: Picture, blend: Float32Array): Picture {
  const { width, height } = base;
  if (painted.width !== width || painted.height !== height || blend.length !== width * height) {
    const sizes = `${width} × ${height}, ${painted.width} × ${painted.height} and ${blend.length}`;
    throw new Failure(
      'BadRequest',
      `an edit was made of ${sizes} pixels; the picture and its edit must be of one size`,
    );
  }
  const rgba = base.rgba.slice();
  blend.forEach((share, pixel) => {
    if (share === 0) return;
    for (let i = pixel * 4; i < pixel * 4 + 4; i++) rgba[i] = painted.rgba[i]! * share + base.rgba[i]! * (1 - share);
  });
  return { width, height, rgba };
}

/** The same for a painted picture that covers a part of the base only, from the pixel (left, top) on. */
export function pasteAt(base: Picture, painted: Picture, blend: Float32Array, left: number, top: number): Picture {
  const [all, part] = [valuesOf(base), boxIn(painted, left, top)];
  const under = { width: painted.width, height: painted.height, rgba: takeWindow(base.rgba, all, part) };
  const rgba = base.rgba.slice();
  putWindow(rgba, all, part, pasteOver(under, painted, blend).rgba);
  return { width: base.width, height: base.height, rgba };
}

/** A picture on a larger one of nothing, its corner at the pixel (left, top). */
export function laidOn(size: Pick<Picture, 'width' | 'height'>, picture: Picture, left: number, top: number): Picture {
  const rgba = new Uint8ClampedArray(size.width * size.height * 4);
  putWindow(rgba, valuesOf(size), boxIn(picture, left, top), picture.rgba);
  return { width: size.width, height: size.height, rgba };
}

/** A picture of the model's, `times` as large: every pixel a square, or smoothly. */
export function enlargePicture(picture: Picture, times: number, isPixelArt: boolean): Picture {
  if (times === 1) return picture;
  const [width, height] = [picture.width * times, picture.height * times];
  if (!isPixelArt) {
    const samples = { ...picture, channels: 4, data: new Uint8Array(picture.rgba) };
    return { width, height, rgba: new Uint8ClampedArray(resizeBicubic(samples, width, height).data) };
  }
  const [from, to] = [new Uint32Array(picture.rgba.buffer), new Uint32Array(width * height)];
  for (let y = 0; y < height; y++) {
    const row = Math.floor(y / times) * picture.width;
    for (let x = 0; x < width; x++) to[y * width + x] = from[row + Math.floor(x / times)]!;
  }
  return { width, height, rgba: new Uint8ClampedArray(to.buffer) };
}

/**
 * [size · times, size · times] the blend of a picture that was enlarged so: between the pixels it goes from one share to
 * the next, but where it was exactly 0 it stays so.
 */
export function enlargeBlend(blend: Float32Array, size: number, times: number): Float32Array {
  if (times === 1) return blend;
  const wide = size * times;
  const large = new Float32Array(wide * wide);
  const at = (y: number, x: number): number => blend[clamp(y, size) * size + clamp(x, size)]!;
  for (let y = 0; y < wide; y++) {
    const v = (y + 0.5) / times - 0.5;
    const [top, down] = [Math.floor(v), v - Math.floor(v)];
    for (let x = 0; x < wide; x++) {
      if (at(Math.floor(y / times), Math.floor(x / times)) === 0) continue;
      const u = (x + 0.5) / times - 0.5;
      const [left, right] = [Math.floor(u), u - Math.floor(u)];
      const upper = at(top, left) * (1 - right) + at(top, left + 1) * right;
      const lower = at(top + 1, left) * (1 - right) + at(top + 1, left + 1) * right;
      large[y * wide + x] = upper * (1 - down) + lower * down;
    }
  }
  return large;
}

const clamp = (at: number, length: number): number => Math.min(length - 1, Math.max(0, at));

/** Four values a pixel, side by side. */
function valuesOf({ width, height }: Pick<Picture, 'width' | 'height'>): Grid {
  return { rows: height, cols: width * 4 };
}

function boxIn({ width, height }: Picture, left: number, top: number) {
  return { row: top, col: left * 4, height, width: width * 4 };
}
