import type { PeerModel } from '../weights.ts';

/** Something whose runs are timed: a network, or one kernel, with its input in place. */
export interface Unit {
  /** Run once; on a GPU it has to be submitted when this resolves, not done, and nothing is read back. */
  submit(): Promise<void>;
  /** What the last run gave, row-major in the order that the page compares. */
  read(): Promise<Float32Array>;
}

/** The transformer over so many sequences; `write` before `submit`. */
export interface StepUnit extends Unit {
  /** @param tokens [positions] with MASK @param classes one for each sequence */
  write(tokens: Int32Array, classes: readonly number[]): void;
}

/** Codes to pixels [3, size, size] or [size, size, 3], as `layout` of the runtime says. */
export interface DecodeUnit extends Unit {
  write(codes: Int32Array): void;
}

/** x [rows, inWidth] · weight [inWidth, outWidth] */
export interface ProductShape {
  readonly kind: 'product';
  readonly rows: number;
  readonly inWidth: number;
  readonly outWidth: number;
}

/** 3 × 3, one pixel of zeros around, of a square picture. */
export interface ConvolutionShape {
  readonly kind: 'convolution';
  readonly side: number;
  readonly inChannels: number;
  readonly outChannels: number;
}

export type KernelShape = ProductShape | ConvolutionShape;

/** Values of a kernel's operands: weights [3, 3, in, out] or [in, out], pictures [side, side, channels]. */
export interface KernelOperands {
  readonly x: Float32Array<ArrayBuffer>;
  readonly weight: Float32Array<ArrayBuffer>;
}

/** A picture painted from a seed. */
export interface Painted {
  readonly tokens: Int32Array;
  /** [size, size, 3], not clipped. */
  readonly pixels: Float32Array;
}

/**
 * Whether a network sees one input again and again, or another one each time: onnxruntime-web replays recorded commands
 * rightly only in the first case.
 */
export type Use = 'same input' | 'changing input';

/** One of the compared runtimes; all outputs are in the same order: logits [sequences, positions, codebook], pixels [size, size, 3]. */
export interface Runtime {
  readonly name: string;
  /** What a reader must know about it: version, form, layout. */
  readonly notes: () => Readonly<Record<string, unknown>>;
  /** Absent where it runs single kernels only. */
  readonly networks?: {
    step(model: PeerModel, sequences: number, use?: Use): Promise<StepUnit>;
    decode(model: PeerModel, use?: Use): Promise<DecodeUnit>;
    /** A runtime with a loop of its own; the others get that of paint.ts. */
    paint?(model: PeerModel): Promise<(seed: number, classId: number) => Promise<Painted>>;
  };
  kernel(shape: KernelShape, operands: KernelOperands): Promise<Unit>;
}

/** [channels, side, side] → [side, side, channels] */
export function channelsLast(planes: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const area = planes.length / channels;
  const turned = new Float32Array(planes.length);
  for (let c = 0; c < channels; c++) for (let p = 0; p < area; p++) turned[p * channels + c] = planes[c * area + p]!;
  return turned;
}

/** [side, side, channels] → [channels, side, side] */
export function channelsFirst(picture: Float32Array, channels: number): Float32Array<ArrayBuffer> {
  const area = picture.length / channels;
  const turned = new Float32Array(picture.length);
  for (let p = 0; p < area; p++) for (let c = 0; c < channels; c++) turned[c * area + p] = picture[p * channels + c]!;
  return turned;
}
