import type { Picture } from '../core/engine.ts';

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits a sample: 1, 2, 4, 8, 16. */
  readonly depth: number;
  /** 0 grey, 2 RGB, 3 palette, 4 grey and alpha, 6 RGBA. */
  readonly colorType: number;
  readonly interlaced: boolean;
  /** RGB triples. */
  readonly palette: Uint8Array;
  /** Content of tRNS: alphas of the palette, or the one transparent colour with 16 bits a sample. */
  readonly transparency: Uint8Array;
}

/** The pixels x0, x0 + dx, … of the rows y0, y0 + dy, …. */
export interface PngPass {
  readonly x0: number;
  readonly y0: number;
  readonly dx: number;
  readonly dy: number;
}

const adam7: readonly PngPass[] = [
  { x0: 0, y0: 0, dx: 8, dy: 8 },
  { x0: 4, y0: 0, dx: 8, dy: 8 },
  { x0: 0, y0: 4, dx: 4, dy: 8 },
  { x0: 2, y0: 0, dx: 4, dy: 4 },
  { x0: 0, y0: 2, dx: 2, dy: 4 },
  { x0: 1, y0: 0, dx: 2, dy: 2 },
  { x0: 0, y0: 1, dx: 1, dy: 2 },
];

export function passesOf({ interlaced }: PngHeader): readonly PngPass[] {
  return interlaced ? adam7 : [{ x0: 0, y0: 0, dx: 1, dy: 1 }];
}

function samplesOf({ colorType }: PngHeader): number {
  return colorType === 2 ? 3 : colorType === 4 ? 2 : colorType === 6 ? 4 : 1;
}

function passSize(header: PngHeader, { x0, y0, dx, dy }: PngPass): { cols: number; rows: number; lineBytes: number } {
  const cols = Math.max(0, Math.ceil((header.width - x0) / dx));
  const rows = Math.max(0, Math.ceil((header.height - y0) / dy));
  return { cols, rows, lineBytes: Math.ceil((cols * samplesOf(header) * header.depth) / 8) };
}

/** Bytes of a pass in the inflated stream: one filter byte before each line; a pass without pixels has none. */
export function passBytes(header: PngHeader, pass: PngPass): number {
  const { cols, rows, lineBytes } = passSize(header, pass);
  return cols === 0 ? 0 : rows * (1 + lineBytes);
}

/** Undo the filters of a pass in place and paint its pixels; false when the stream is corrupt. */
export function paintPass(picture: Picture, header: PngHeader, pass: PngPass, raw: Uint8Array): boolean {
  const { cols, rows, lineBytes } = passSize(header, pass);
  if (cols === 0) return true;
  const pixelBytes = Math.max(1, (samplesOf(header) * header.depth) / 8);
  let above: Uint8Array = new Uint8Array(lineBytes);
  for (let row = 0; row < rows; row++) {
    const start = row * (1 + lineBytes);
    const line = raw.subarray(start + 1, start + 1 + lineBytes);
    if (!unfilter(raw[start]!, line, above, pixelBytes)) return false;
    const target = (pass.y0 + row * pass.dy) * picture.width + pass.x0;
    if (!paintLine(picture.rgba, header, line, cols, target, pass.dx)) return false;
    above = line;
  }
  return true;
}

function unfilter(filter: number, line: Uint8Array, above: Uint8Array, pixelBytes: number): boolean {
  if (filter > 4) return false;
  if (filter === 0) return true;
  for (let i = 0; i < line.length; i++) {
    const left = i < pixelBytes ? 0 : line[i - pixelBytes]!;
    const up = above[i]!;
    const corner = i < pixelBytes ? 0 : above[i - pixelBytes]!;
    line[i] = line[i]! + prediction(filter, left, up, corner);
  }
  return true;
}

function prediction(filter: number, left: number, up: number, corner: number): number {
  if (filter === 1) return left;
  if (filter === 2) return up;
  if (filter === 3) return (left + up) >> 1;
  const estimate = left + up - corner;
  const toLeft = Math.abs(estimate - left);
  const toUp = Math.abs(estimate - up);
  const toCorner = Math.abs(estimate - corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

/** Paint `cols` pixels of a line from pixel `target` on, `stride` apart; false when a colour is not in the palette. */
function paintLine(
  rgba: Uint8ClampedArray,
  header: PngHeader,
  line: Uint8Array,
  cols: number,
  target: number,
  stride: number,
): boolean {
  const { depth, colorType, palette, transparency } = header;
  const samples = samplesOf(header);
  const isGrey = colorType === 0 || colorType === 4;
  const hasAlpha = colorType >= 4;
  for (let col = 0; col < cols; col++) {
    const at = (target + col * stride) * 4;
    const first = col * samples;
    if (colorType === 3) {
      const entry = sampleAt(line, first, depth);
      if (entry * 3 + 2 >= palette.length) return false;
      rgba.set(palette.subarray(entry * 3, entry * 3 + 3), at);
      rgba[at + 3] = transparency[entry] ?? 255;
      continue;
    }
    for (let channel = 0; channel < 3; channel++) {
      rgba[at + channel] = toByte(sampleAt(line, isGrey ? first : first + channel, depth), depth);
    }
    const isClear = !hasAlpha && isTransparent(line, first, samples, depth, transparency);
    rgba[at + 3] = hasAlpha ? toByte(sampleAt(line, first + samples - 1, depth), depth) : isClear ? 0 : 255;
  }
  return true;
}

function sampleAt(line: Uint8Array, index: number, depth: number): number {
  if (depth === 8) return line[index]!;
  if (depth === 16) return line[2 * index]! * 256 + line[2 * index + 1]!;
  const bit = index * depth;
  return (line[bit >> 3]! >> (8 - depth - (bit & 7))) & ((1 << depth) - 1);
}

/** A sample with 8 bits: the high byte of 16, fewer bits stretched to the whole range. */
function toByte(sample: number, depth: number): number {
  if (depth === 8) return sample;
  return depth === 16 ? sample >> 8 : (sample * 255) / ((1 << depth) - 1);
}

function isTransparent(line: Uint8Array, first: number, samples: number, depth: number, color: Uint8Array): boolean {
  if (color.length < 2 * samples) return false;
  for (let i = 0; i < samples; i++) {
    if (sampleAt(line, first + i, depth) !== sampleAt(color, i, 16)) return false;
  }
  return true;
}
