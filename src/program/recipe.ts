/**
 * How a weight is made from tensors of the model's files, as data: so a program can be printed and the loader can
 * stream. `stored` is the tensor itself; the other kinds fold at load what would cost at every step.
 */
export type WeightRecipe =
  | { readonly kind: 'stored'; readonly name: string }
  /** [rows, n₁], [rows, n₂], … → [rows, n₁ + n₂ + …]; vectors count as one row. */
  | { readonly kind: 'columns'; readonly names: readonly string[] }
  /** [n₁, width], [n₂, width], … → [n₁ + n₂ + …, width]. */
  | { readonly kind: 'rows'; readonly names: readonly string[] }
  /** The first `rows` rows of [n, width], transposed to [width, rows]; with a vector, its first `rows` elements. */
  | { readonly kind: 'transposedRows'; readonly name: string; readonly rows: number }
  /** Of [n, m] the rows from `firstRow` on, `rows` of them, each up to column `cols`; `times` such parts in a row. */
  | {
      readonly kind: 'part';
      readonly name: string;
      readonly firstRow: number;
      readonly rows: number;
      readonly cols: number;
      readonly times: number;
    }
  /** [size, size, in, out] → [size, size, in, out rounded up to CHANNEL_BLOCK], filled with zeros. */
  | { readonly kind: 'paddedChannels'; readonly name: string }
  /** [3, 3, in, out] → [PHASES, 2, 2, in, out rounded up to CHANNEL_BLOCK], see `collapsePhases`. */
  | { readonly kind: 'upsamplePhases'; readonly name: string }
  /** [rows, width], every row at length 1; one of zeros stays. */
  | { readonly kind: 'unitRows'; readonly name: string };

/** Convolution kernels are stored for the GPU with their output channels in blocks of this many. */
export const CHANNEL_BLOCK = 8;
/** Even and odd rows times even and odd columns of an image that was enlarged twofold. */
export const PHASES = 4;

/** Names of the stored tensors that a recipe reads. */
export function ingredientsOf(recipe: WeightRecipe): readonly string[] {
  return 'names' in recipe ? recipe.names : [recipe.name];
}

/** Values as f32, or as they are stored: halves as their bits, whole numbers without the scale of their column. */
export type WeightValues = Float32Array | Uint16Array | Int8Array;

/** A stored tensor, widened unless it says otherwise. */
export interface StoredTensor<V extends WeightValues = Float32Array> {
  readonly shape: readonly number[];
  readonly values: V;
}

/** Whether a recipe only puts values elsewhere, so that it works on them as they are stored; the others compute. */
export function onlyMoves({ kind }: WeightRecipe): boolean {
  return kind !== 'upsamplePhases' && kind !== 'unitRows';
}

/** The recipe of the scales that belong to the columns of an int8 weight: what happened to the columns, once more. */
export function scaleRecipe(recipe: WeightRecipe): WeightRecipe {
  switch (recipe.kind) {
    case 'stored':
    case 'paddedChannels':
      return { ...recipe, name: scaleName(recipe.name) };
    case 'upsamplePhases':
      return { kind: 'paddedChannels', name: scaleName(recipe.name) };
    case 'columns':
      return { ...recipe, names: recipe.names.map(scaleName) };
    case 'part':
      return { ...recipe, name: scaleName(recipe.name), firstRow: 0, rows: 1, times: 1 };
    default:
      throw new Error(`a recipe of ${recipe.kind} keeps no columns, so int8 weights cannot go through it`);
  }
}

/** Where an int8 tensor of a model's files has its scales, f32, one for each of its last axis. */
export function scaleName(name: string): string {
  return `${name}.scale`;
}

/** Follow a recipe. `parts` are its ingredients in order; as they are stored only where it `onlyMoves`. */
export function prepareWeight<V extends WeightValues>(recipe: WeightRecipe, parts: readonly StoredTensor<V>[]): V {
  switch (recipe.kind) {
    case 'stored':
      return parts[0]!.values;
    case 'columns':
      return joinColumns(parts);
    case 'rows':
      return joinRows(parts);
    case 'transposedRows':
      return transposeRows(parts[0]!, recipe.rows);
    case 'part':
      return cutOut(parts[0]!, recipe);
    case 'paddedChannels':
      return padChannels(parts[0]!).values;
    case 'upsamplePhases':
      return collapsePhases(padChannels(parts[0]! as StoredTensor)) as V;
    case 'unitRows':
      return scaleRows(parts[0]! as StoredTensor) as V;
  }
}

/** Zeros of the same type. */
function zerosLike<V extends WeightValues>(values: V, length: number): V {
  return new (values.constructor as new (length: number) => V)(length);
}

function joinColumns<V extends WeightValues>(parts: readonly StoredTensor<V>[]): V {
  const widths = parts.map(({ shape }) => shape.at(-1)!);
  const width = widths.reduce((a, b) => a + b, 0);
  const rows = parts[0]!.values.length / widths[0]!;
  const joined = zerosLike(parts[0]!.values, rows * width);
  let start = 0;
  parts.forEach(({ values }, i) => {
    const cols = widths[i]!;
    for (let r = 0; r < rows; r++) joined.set(values.subarray(r * cols, (r + 1) * cols), r * width + start);
    start += cols;
  });
  return joined;
}

function joinRows<V extends WeightValues>(parts: readonly StoredTensor<V>[]): V {
  const length = parts.reduce((size, { values }) => size + values.length, 0);
  const joined = zerosLike(parts[0]!.values, length);
  let start = 0;
  for (const { values } of parts) {
    joined.set(values, start);
    start += values.length;
  }
  return joined;
}

function transposeRows<V extends WeightValues>({ shape, values }: StoredTensor<V>, rows: number): V {
  if (shape.length === 1) return values.slice(0, rows) as V;
  const width = shape[1]!;
  const out = zerosLike(values, rows * width);
  for (let r = 0; r < rows; r++) for (let c = 0; c < width; c++) out[c * rows + r] = values[r * width + c]!;
  return out;
}

function cutOut<V extends WeightValues>(
  { shape, values }: StoredTensor<V>,
  recipe: WeightRecipe & { readonly kind: 'part' },
): V {
  const { firstRow, rows, cols, times } = recipe;
  const width = shape.at(-1)!;
  const out = zerosLike(values, times * rows * cols);
  for (let r = 0; r < times * rows; r++) {
    const start = (firstRow + (r % rows)) * width;
    out.set(values.subarray(start, start + cols), r * cols);
  }
  return out;
}

function padChannels<V extends WeightValues>({ shape, values }: StoredTensor<V>): StoredTensor<V> {
  const channels = shape.at(-1)!;
  const padded = Math.ceil(channels / CHANNEL_BLOCK) * CHANNEL_BLOCK;
  const rows = values.length / channels;
  const out = zerosLike(values, rows * padded);
  for (let r = 0; r < rows; r++) out.set(values.subarray(r * channels, (r + 1) * channels), r * padded);
  return { shape: [...shape.slice(0, -1), padded], values: out };
}

function scaleRows({ shape, values }: StoredTensor): Float32Array {
  const width = shape.at(-1)!;
  const out = new Float32Array(values.length);
  for (let row = 0; row < values.length; row += width) {
    let squares = 0;
    for (let c = 0; c < width; c++) squares += values[row + c]! ** 2;
    const length = Math.max(Math.sqrt(squares), 1e-12);
    for (let c = 0; c < width; c++) out[row + c] = values[row + c]! / length;
  }
  return out;
}

/**
 * "Nearest × 2, then 3 × 3" as four 2 × 2 convolutions of the small image: taps that fall on the same source pixel are
 * added up. For even rows (phase 0) the source rows are {h − 1: tap 0, h: taps 1 + 2}, for odd ones {h: taps 0 + 1,
 * h + 1: tap 2}; the same for columns. 2.25 times fewer operations, exact up to rounding.
 */
function collapsePhases({ shape, values }: StoredTensor): Float32Array {
  const block = shape[2]! * shape[3]!; // of one tap: [in, out]
  const out = new Float32Array(PHASES * 2 * 2 * block);
  const source = (phase: number, tap: number): number => (phase === 0 ? Math.ceil(tap / 2) : Math.floor(tap / 2));
  for (let phase = 0; phase < PHASES; phase++) {
    const [p, q] = [Math.floor(phase / 2), phase % 2];
    for (let i = 0; i < 3; i++) {
      for (let j = 0; j < 3; j++) {
        const to = ((phase * 2 + source(p, i)) * 2 + source(q, j)) * block;
        const tap = (i * 3 + j) * block;
        for (let e = 0; e < block; e++) out[to + e]! += values[tap + e]!;
      }
    }
  }
  return out;
}
