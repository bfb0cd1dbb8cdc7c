import type { Picture } from '../../core/engine.ts';
import { resizeBicubic } from '../../core/resample.ts';

/** A square part of a picture: its centre in fractions of width and height, and how often it fits the short side. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

export const centred: Crop = { x: 0.5, y: 0.5, zoom: 1 };
export const MAX_CROP_ZOOM = 6;

/** A square part of a picture, in its pixels. */
export interface Square {
  readonly left: number;
  readonly top: number;
  readonly side: number;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** The crop with its whole square inside the picture. */
export function fittedCrop({ x, y, zoom }: Crop, { width, height }: Size): Crop {
  const safeZoom = Number.isNaN(zoom) ? 1 : Math.min(MAX_CROP_ZOOM, Math.max(1, zoom));
  const half = Math.min(width, height) / safeZoom / 2;
  const within = (at: number, length: number): number =>
    Math.min(1 - half / length, Math.max(half / length, Number.isFinite(at) ? at : 0.5));
  return { x: within(x, width), y: within(y, height), zoom: safeZoom };
}

/** The square in pixels of the picture. */
export function cropSquare(crop: Crop, size: Size): Square {
  const { x, y, zoom } = fittedCrop(crop, size);
  const side = Math.min(size.width, size.height) / zoom;
  return { left: x * size.width - side / 2, top: y * size.height - side / 2, side };
}

/** The largest window that is pasted back into a larger picture, in pixels. */
const MAX_WINDOW_PIXELS = 2048;

/** How many times the model's size a window of a picture may be; 0 when the picture is not larger than the model's. */
export function mostTimes({ width, height }: Size, modelSize: number): number {
  if (Math.max(width, height) <= modelSize) return 0;
  const side = Math.min(width, height, Math.max(modelSize, MAX_WINDOW_PIXELS));
  return Math.floor(side / modelSize);
}

/** A window of `times` the model's size about the middle of a crop, on whole pixels and inside the picture. */
export function windowSquare({ x, y }: Crop, times: number, modelSize: number, { width, height }: Size): Square {
  const side = times * modelSize;
  const within = (at: number, length: number): number =>
    Math.min(length - side, Math.max(0, Math.round((Number.isFinite(at) ? at : 0.5) * length - side / 2)));
  return { left: within(x, width), top: within(y, height), side };
}

/** Before the last, exact resize the browser brings a large crop down to this many times the model's size. */
const OVERSAMPLING = 4;

/**
 * A square of a picture at the model's size, over white where the picture is transparent; resized as the reference does.
 * At its own size its pixels are as they are.
 */
export function cutOut(bitmap: ImageBitmap, { left, top, side }: Square, size: number): Picture {
  const middle = Math.max(1, Math.min(Math.round(side), size * OVERSAMPLING));
  const canvas = document.createElement('canvas');
  canvas.width = middle;
  canvas.height = middle;
  const ctx = canvas.getContext('2d');
  if (!ctx) throw new Error('this browser gave no 2-D canvas');
  ctx.fillStyle = '#fff';
  ctx.fillRect(0, 0, middle, middle);
  ctx.imageSmoothingQuality = 'high';
  ctx.drawImage(bitmap, left, top, side, side, 0, 0, middle, middle);
  const { data } = ctx.getImageData(0, 0, middle, middle);
  const samples = { width: middle, height: middle, channels: 4, data: Uint8Array.from(data) };
  return { width: size, height: size, rgba: new Uint8ClampedArray(resizeBicubic(samples, size, size).data) };
}
