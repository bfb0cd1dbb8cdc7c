import type { Picture } from '../../core/engine.ts';
import type { Frame } from '../store/origin.ts';
import type { PictureSource } from './reel.ts';

/** Pixels of the engine as something that can be drawn, shown and saved. */
export async function toSource({ width, height, rgba }: Picture): Promise<PictureSource> {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  context(canvas).putImageData(new ImageData(rgba, width, height), 0, 0);
  const png = await toPng(canvas);
  return { image: canvas, width, height, png, url: URL.createObjectURL(png) };
}

/** The pixels of something drawn, byte for byte as they were written. */
export function toPixels({ image, width, height }: PictureSource): Picture {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const ctx = context(canvas);
  ctx.drawImage(image, 0, 0);
  return { width, height, rgba: ctx.getImageData(0, 0, width, height).data };
}

/** A stored PNG as something that can be drawn. */
export async function fromPng(png: Blob): Promise<PictureSource> {
  const image = new Image();
  image.src = URL.createObjectURL(png);
  await image.decode();
  return { image, width: image.naturalWidth, height: image.naturalHeight, png, url: image.src };
}

/** The picture `factor` times as large, every pixel a square: what pixel art needs to look right elsewhere. */
export async function enlarged({ image, width, height }: PictureSource, factor: number): Promise<Blob> {
  const canvas = document.createElement('canvas');
  canvas.width = width * factor;
  canvas.height = height * factor;
  const ctx = context(canvas);
  ctx.imageSmoothingEnabled = false;
  ctx.drawImage(image, 0, 0, canvas.width, canvas.height);
  return toPng(canvas);
}

/** Longest side of what is kept at hand of a picture that a window lies in, in pixels. */
const SURROUNDINGS_PIXELS = 2048;

/** A picture file, small enough to be kept and drawn often. */
export async function readSurroundings(file: Blob): Promise<ImageBitmap> {
  const whole = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, SURROUNDINGS_PIXELS / Math.max(whole.width, whole.height));
  if (scale === 1) return whole;
  const small = await createImageBitmap(whole, { resizeWidth: Math.round(whole.width * scale), resizeQuality: 'high' });
  whole.close();
  return small;
}

/** A picture file with a window of it painted anew; every other pixel is as the browser decodes it, over white. */
export async function pasteBack(file: Blob, window: PictureSource, { left, top }: Frame): Promise<Blob> {
  const whole = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const canvas = document.createElement('canvas');
  canvas.width = whole.width;
  canvas.height = whole.height;
  const ctx = context(canvas);
  ctx.fillStyle = '#fff';
  ctx.fillRect(0, 0, whole.width, whole.height);
  ctx.drawImage(whole, 0, 0);
  whole.close();
  ctx.drawImage(window.image, left, top);
  return toPng(canvas);
}

function toPng(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error('the picture could not be written as PNG'))),
      'image/png',
    );
  });
}

function context(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const ctx = canvas.getContext('2d');
  if (!ctx) throw new Error('this browser gave no 2-D canvas');
  return ctx;
}
