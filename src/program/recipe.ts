/**
 * How a weight is made from tensors of the model's files, as data: so a program can be printed and the loader can
 * stream. `stored` is the tensor itself; the other kinds fold at load what would cost at every step.
 */
export type WeightRecipe =
  | { readonly kind: 'stored'; readonly name: string }
  /** [rows, n₁], [rows, n₂], … → [rows, n₁ + n₂ + …]; vectors count as one row. */
  | { readonly kind: 'columns'; readonly names: readonly string[] }
  /** The first `rows` rows of [n, width], transposed to [width, rows]; with a vector, its first `rows` elements. */
  | { readonly kind: 'transposedRows'; readonly name: string; readonly rows: number };

/** Names of the stored tensors that a recipe reads. */
export function ingredientsOf(recipe: WeightRecipe): readonly string[] {
  return recipe.kind === 'columns' ? recipe.names : [recipe.name];
}

/** A stored tensor, widened. */
export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** Follow a recipe. `parts` are its ingredients in order. */
export function prepareWeight(recipe: WeightRecipe, parts: readonly StoredTensor[]): Float32Array {
  switch (recipe.kind) {
    case 'stored':
      return parts[0]!.values;
    case 'columns':
      return joinColumns(parts);
    case 'transposedRows':
      return transposeRows(parts[0]!, recipe.rows);
  }
}

function joinColumns(parts: readonly StoredTensor[]): Float32Array {
  const widths = parts.map(({ shape }) => shape.at(-1)!);
  const width = widths.reduce((a, b) => a + b, 0);
  const rows = parts[0]!.values.length / widths[0]!;
  const joined = new Float32Array(rows * width);
  let start = 0;
  parts.forEach(({ values }, i) => {
    const cols = widths[i]!;
    for (let r = 0; r < rows; r++) joined.set(values.subarray(r * cols, (r + 1) * cols), r * width + start);
    start += cols;
  });
  return joined;
}

function transposeRows({ shape, values }: StoredTensor, rows: number): Float32Array {
  if (shape.length === 1) return values.slice(0, rows);
  const width = shape[1]!;
  const out = new Float32Array(rows * width);
  for (let r = 0; r < rows; r++) for (let c = 0; c < width; c++) out[c * rows + r] = values[r * width + c]!;
  return out;
}
