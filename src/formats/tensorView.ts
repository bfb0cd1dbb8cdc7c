import { dtypeBytes, elementCount, type Dtype } from './dtypes.ts';

const rankLimit = 16;
/** What may be read at once for a view whose elements do not lie side by side. */
const spanLimitBytes = 256 * 2 ** 20;
/** An expanded view (stride 0) may become larger than its storage up to here. */
const expandedLimitBytes = 2 ** 20;

/** A tensor as PyTorch stores it: a shape laid over a one-dimensional storage. All counts are elements. */
export interface TensorView {
  readonly dtype: Dtype;
  /** Of the storage. */
  readonly storageElements: number;
  /** Of the first element within the storage. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** What makes the view unusable, as the part of a sentence; undefined for a good one. Copies nothing. */
export function viewFault(
  view: {
    readonly [key in 'offset' | 'shape' | 'strides']: unknown;
  } & Pick<TensorView, 'dtype' | 'storageElements'>,
): string | undefined {
  const { offset, shape, strides, storageElements } = view;
  if (!Array.isArray(shape) || shape.length > rankLimit) return `a shape of more than ${rankLimit} dimensions`;
  if (!shape.every(isCount)) return 'a shape that is not made of whole (integer) numbers';
  if (!Array.isArray(strides) || strides.length !== shape.length)
    return 'strides that do not match the rank of its shape';
  if (!strides.every(isCount)) return 'a negative stride or one that is no number';
  if (!isCount(offset)) return 'a negative offset or one that is no number';
  const elements = elementCount(shape);
  const end = elements === 0 ? offset : endOf({ offset, shape, strides });
  if (end > storageElements) {
    return `offset, shape [${shape}] and strides that reach to element ${end}, beyond its storage of ${storageElements}`;
  }
  const limitBytes = Math.max(storageElements * dtypeBytes[view.dtype], expandedLimitBytes);
  if (elements * dtypeBytes[view.dtype] > limitBytes) return `a shape [${shape}] too large for its storage (stride 0)`;
  return undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** One behind the last element that the view reaches. */
function endOf({ offset, shape, strides }: Pick<TensorView, 'offset' | 'shape' | 'strides'>): number {
  return shape.reduce((last, side, i) => last + (side - 1) * strides[i]!, offset) + 1;
}

/** The bytes of the storage, relative to its start, that the view needs. */
export function spanOf(view: TensorView): { offset: number; sizeBytes: number } {
  const size = dtypeBytes[view.dtype];
  if (elementCount(view.shape) === 0) return { offset: 0, sizeBytes: 0 };
  return { offset: view.offset * size, sizeBytes: (endOf(view) - view.offset) * size };
}

/** Whether so few of the bytes in between are wanted that reading them all would take too much memory. */
export function isTooScattered(view: TensorView): boolean {
  const { sizeBytes } = spanOf(view);
  return sizeBytes > spanLimitBytes && sizeBytes > 2 * elementCount(view.shape) * dtypeBytes[view.dtype];
}

/** The elements in C order, from the bytes of `spanOf`. */
export function inCOrder(view: TensorView, span: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (isContiguous(view)) return span;
  const { shape, strides } = view;
  const size = dtypeBytes[view.dtype];
  const count = elementCount(shape);
  const bytes = new Uint8Array(count * size);
  const position = shape.map(() => 0);
  let source = 0;
  for (let element = 0; element < count; element++) {
    for (let byte = 0; byte < size; byte++) bytes[element * size + byte] = span[source * size + byte]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      source += strides[axis]!;
      if (++position[axis]! < shape[axis]!) break;
      source -= strides[axis]! * shape[axis]!;
      position[axis] = 0;
    }
  }
  return bytes;
}

function isContiguous({ shape, strides }: TensorView): boolean {
  let wanted = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== wanted) return elementCount(shape) === 0;
    wanted *= shape[axis]!;
  }
  return true;
}
