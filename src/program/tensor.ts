/** `i8` is for weights only: whole numbers from −127 to 127, whose columns have a scale beside them. */
export type Dtype = 'f32' | 'f16' | 'i8' | 'i32' | 'u32';

/**
 * weight  – read-only, filled once at load from the model's files;
 * state   – named, outlives a replay: written and read by the host, shared between the programs of one model;
 * scratch – lives between two calls of one program and shares memory with others of its kind.
 */
export type Role = 'weight' | 'state' | 'scratch';

/** A handle: what a program says about an array. It owns no memory. */
export interface Tensor {
  readonly id: number;
  readonly label: string;
  readonly dtype: Dtype;
  /** Row-major, last axis contiguous. */
  readonly shape: readonly number[];
  readonly role: Role;
  /** Tensors of one storage are views of the same bytes (reshape). */
  readonly storage: number;
}

const bytesPerElement: Readonly<Record<Dtype, number>> = { f32: 4, f16: 2, i8: 1, i32: 4, u32: 4 };

/** Number of elements of a shape. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** Bytes of a tensor, rounded up to WebGPU's binding granularity of 4. */
export function bytesOf({ dtype, shape }: Pick<Tensor, 'dtype' | 'shape'>): number {
  return Math.ceil((sizeOf(shape) * bytesPerElement[dtype]) / 4) * 4;
}

/**
 * The tensor's shape, checked against numbers that must match and names that match anything.
 * `const [rows, cols] = expectShape(x, ['rows', 64])`. Throws with label and both shapes.
 */
export function expectShape(tensor: Tensor, expected: readonly (number | string)[]): number[] {
  const { shape } = tensor;
  const fits = shape.length === expected.length && expected.every((e, i) => typeof e === 'string' || e === shape[i]);
  if (!fits) throw new Error(`${tensor.label}: shape [${shape.join(', ')}] does not fit [${expected.join(', ')}]`);
  return [...shape];
}
