/** How a tensor of another program becomes the official one; `unbatched` drops leading sides of 1. */
export type Relayout = 'same' | 'unbatched' | 'dense' | 'conv';

/** The official shape of a tensor that PyTorch keeps as [out, in] (dense) or [out, in, height, width] (conv). */
export function officialShape(layout: Relayout, shape: readonly number[]): readonly number[] {
  if (layout === 'dense') return shape.toReversed();
  if (layout === 'unbatched')
    return shape.slice(
      Math.max(
        0,
        shape.findIndex((side) => side !== 1),
      ),
    );
  if (layout === 'conv') return [shape[2]!, shape[3]!, shape[1]!, shape[0]!];
  return shape;
}

/** The values in the official order; `shape` is PyTorch's. */
export function officialValues(
  layout: Relayout,
  shape: readonly number[],
  values: Float32Array<ArrayBuffer>,
): Float32Array<ArrayBuffer> {
  if (layout === 'same' || layout === 'unbatched') return values;
  const [out, channels, height = 1, width = 1] = shape as [number, number, number?, number?];
  const cells = height * width;
  const inputs = channels * cells;
  const moved = new Float32Array(values.length);
  // Sixteen outputs at a time: their rows stay in the cache while the inputs are walked.
  for (let first = 0; first < out; first += 16) {
    const last = Math.min(first + 16, out);
    for (let input = 0; input < inputs; input++) {
      // PyTorch's input index is channel · cells + cell, the official one cell · channels + channel.
      const row = ((input % cells) * channels + Math.floor(input / cells)) * out;
      for (let o = first; o < last; o++) moved[row + o] = values[o * inputs + input]!;
    }
  }
  return moved;
}
