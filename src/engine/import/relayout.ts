/** How a tensor of another program becomes the official one. */
export type Relayout = 'same' | 'dense' | 'conv';

/** The official shape of a tensor that PyTorch keeps as [out, in] (dense) or [out, in, height, width] (conv). */
export function officialShape(layout: Relayout, shape: readonly number[]): readonly number[] {
  if (layout === 'dense') return shape.toReversed();
  if (layout === 'conv') return [shape[2]!, shape[3]!, shape[1]!, shape[0]!];
  return shape;
}

/** The values in the official order; `shape` is PyTorch's. */
export function officialValues(
  layout: Relayout,
  shape: readonly number[],
  values: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  if (layout === 'same') return values;
  const [out, channels, height = 1, width = 1] = shape as [number, number, number?, number?];
  const moved = new Float32Array(values.length);
  let from = 0;
  for (let o = 0; o < out; o++) {
    for (let i = 0; i < channels; i++) {
      for (let cell = 0; cell < height * width; cell++) moved[(cell * channels + i) * out + o] = values[from++]!;
    }
  }
  return moved;
}
