/**
 * Pillow's bicubic resize and Gaussian blur in exact integers, because the reference's pictures and masks went
 * through them: Image.resize (BICUBIC, a = −½, widened when shrinking) and ImageFilter.GaussianBlur (three extended
 * box blurs, Gwosdek et al. 2011). Equal to Pillow 12 in every byte.
 */

/** 8-bit samples, row-major, channels interleaved. */
export interface Samples {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Fraction bits of a filter weight: 32 less 8 of the sample and 2 for overshoot. */
const WEIGHT_BITS = 22;

/** The samples that one output sample is made of. */
interface Tap {
  readonly first: number;
  /** Fixed point, `WEIGHT_BITS` fraction bits. */
  readonly weights: Int32Array;
}

/** Keys' cubic with a = −½; 0 outside (−2, 2). */
function cubic(offset: number): number {
  const a = -0.5;
  const x = Math.abs(offset);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
}

/** Where a part of an axis begins and ends, in samples and between them. */
export type Span = readonly [start: number, end: number];

/** The taps of a resize of one axis from `from` samples, or a part of them, to `to` samples. */
function tapsOf(from: number, to: number, part: Span): Tap[] {
  // As in C, where a part's ends and its length are f32.
  const [start, stop] = part.map(Math.fround) as [number, number];
  const scale = Math.fround(stop - start) / to;
  const widening = Math.max(scale, 1);
  const support = 2 * widening;
  return Array.from({ length: to }, (_, i) => {
    const centre = start + (i + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - support + 0.5));
    const end = Math.min(from, Math.trunc(centre + support + 0.5));
    const weights = Array.from({ length: end - first }, (_, k) => cubic((first + k - centre + 0.5) * (1 / widening)));
    const sum = weights.reduce((a, b) => a + b, 0);
    const fixed = weights.map((w) => Math.trunc((w / sum) * 2 ** WEIGHT_BITS + (w / sum < 0 ? -0.5 : 0.5)));
    return { first, weights: Int32Array.from(fixed) };
  });
}

/** A line of samples inside a picture: where it starts and how far its samples are apart. */
type Line = readonly [start: number, stride: number];

function resampleLine(input: Uint8Array, [from, fromStride]: Line, out: Uint8Array, [to, toStride]: Line, taps: Tap[]) {
  taps.forEach(({ first, weights }, i) => {
    let sum = 2 ** (WEIGHT_BITS - 1);
    for (let k = 0; k < weights.length; k++) sum += weights[k]! * input[from + (first + k) * fromStride]!;
    out[to + i * toStride] = Math.min(255, Math.max(0, sum >> WEIGHT_BITS));
  });
}

/**
 * Resize a picture, or what lies in `box` of it, in pixels and between them, to width × height: bicubic with antialiasing.
 * The aspect ratio is the caller's business.
 */
export function resizeBicubic(
  picture: Samples,
  width: number,
  height: number,
  box: { readonly across: Span; readonly down: Span } = { across: [0, picture.width], down: [0, picture.height] },
): Samples {
  return resizeRows(resizeCols(picture, width, box.across), height, box.down);
}

function resizeCols({ width: from, height, channels, data }: Samples, width: number, across: Span): Samples {
  const out = new Uint8Array(width * height * channels);
  const taps = tapsOf(from, width, across);
  for (let row = 0; row < height; row++) {
    for (let c = 0; c < channels; c++) {
      resampleLine(data, [row * from * channels + c, channels], out, [row * width * channels + c, channels], taps);
    }
  }
  return { width, height, channels, data: out };
}

function resizeRows({ width, height: from, channels, data }: Samples, height: number, down: Span): Samples {
  const rowLength = width * channels;
  const out = new Uint8Array(rowLength * height);
  const taps = tapsOf(from, height, down);
  for (let at = 0; at < rowLength; at++) resampleLine(data, [at, rowLength], out, [at, rowLength], taps);
  return { width, height, channels, data: out };
}

/** Blur with a Gaussian of standard deviation `sigma` pixels, approximated by three box blurs along each axis. */
export function gaussianBlur(picture: Samples, sigma: number): Samples {
  const { width, height, channels, data } = picture;
  const radius = boxRadius(sigma);
  const out = data.slice();
  const rowLength = width * channels;
  for (let at = 0; at < height * channels; at++) {
    const start = Math.floor(at / channels) * rowLength + (at % channels);
    blurLine(out, [start, channels], width, radius);
  }
  for (let at = 0; at < rowLength; at++) blurLine(out, [at, rowLength], height, radius);
  return { ...picture, data: out };
}

/** The radius of the box whose threefold blur has the variance of the Gaussian; f32 in every step, as in C. */
function boxRadius(sigma: number): number {
  const f32 = Math.fround;
  const variance = f32(f32(sigma * sigma) / 3);
  const idealWidth = f32(Math.sqrt(12 * variance + 1));
  const whole = Math.floor((idealWidth - 1) / 2);
  const numerator = f32((2 * whole + 1) * f32(whole * (whole + 1) - f32(3 * variance)));
  const denominator = f32(6 * f32(variance - (whole + 1) * (whole + 1)));
  return f32(whole + f32(numerator / denominator));
}

/** Three box blurs of one line in place; the ends repeat the first and the last sample. */
function blurLine(data: Uint8Array, [start, stride]: Line, length: number, radius: number): void {
  const whole = Math.trunc(radius);
  // Fixed point with 24 fraction bits: the weight of a whole sample, and of the two cut ones at the box's ends.
  const inner = Math.trunc(Math.fround(2 ** 24 / Math.fround(radius * 2 + 1)));
  const edge = Math.trunc((2 ** 24 - (whole * 2 + 1) * inner) / 2);
  const source = new Uint8Array(length);
  const at = (i: number): number => source[Math.min(length - 1, Math.max(0, i))]!;
  for (let pass = 0; pass < 3; pass++) {
    for (let i = 0; i < length; i++) source[i] = data[start + i * stride]!;
    let sum = 0;
    for (let k = -whole; k <= whole; k++) sum += at(k);
    for (let i = 0; i < length; i++) {
      const weighted = sum * inner + (at(i - whole - 1) + at(i + whole + 1)) * edge;
      data[start + i * stride] = Math.floor((weighted + 2 ** 23) / 2 ** 24);
      sum += at(i + whole + 1) - at(i - whole);
    }
  }
}
