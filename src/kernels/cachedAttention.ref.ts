import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference, Values } from '../program/interpret.ts';

type Shape = Record<'sequences' | 'queries' | 'capacity' | 'heads' | 'headWidth', number>;

/** y[s, i] = Σ_j softmax_j(q · k_j / √headWidth) · v_j over the places up to the query's, which is remembered too. */
export const cachedAttention: Reference = ({ stepParams, qkv, keys, values, y }, params) => {
  const shape = params as Shape;
  const { sequences, queries, capacity, heads, headWidth } = shape;
  const width = heads * headWidth;
  const { step } = unpackStepParams(stepParams as Uint32Array);
  for (let s = 0; s < sequences; s++) {
    for (let i = 0; i < queries; i++) {
      const place = Math.min(queries === 1 ? step : i, capacity - 1);
      const row = s * queries + i;
      remember(shape, { qkv: qkv!, keys: keys!, values: values! }, { s, row, place });
      for (let h = 0; h < heads; h++) {
        const head = s * heads + h;
        const scores = Array.from({ length: place + 1 }, (_, j) => {
          let sum = 0;
          for (let d = 0; d < headWidth; d++) {
            sum += qkv![row * 3 * width + h * headWidth + d]! * keys![(head * headWidth + d) * capacity + j]!;
          }
          return sum / Math.sqrt(headWidth);
        });
        const top = Math.max(...scores);
        const shares = scores.map((score) => Math.exp(score - top));
        const total = shares.reduce((a, b) => a + b);
        for (let d = 0; d < headWidth; d++) {
          y![row * width + h * headWidth + d] = shares.reduce(
            (sum, share, j) => sum + (share / total) * values![(head * capacity + j) * headWidth + d]!,
            0,
          );
        }
      }
    }
  }
};

export const cachedAttentionByHead: Reference = cachedAttention;

/** Key and value of places 0 … queries − 1. */
export const fillCache: Reference = ({ qkv, keys, values }, params) => {
  const shape = params as Shape;
  for (let row = 0; row < shape.sequences * shape.queries; row++) {
    const [s, place] = [Math.floor(row / shape.queries), row % shape.queries];
    remember(shape, { qkv: qkv!, keys: keys!, values: values! }, { s, row, place });
  }
};

function remember(
  { capacity, heads, headWidth }: Shape,
  { qkv, keys, values }: Record<'qkv' | 'keys' | 'values', Values>,
  { s, row, place }: Record<'s' | 'row' | 'place', number>,
): void {
  const width = heads * headWidth;
  for (let c = 0; c < width; c++) {
    const [head, d] = [s * heads + Math.floor(c / headWidth), c % headWidth];
    keys[(head * headWidth + d) * capacity + place] = qkv[(row * 3 + 1) * width + c]!;
    values[(head * capacity + place) * headWidth + d] = qkv[(row * 3 + 2) * width + c]!;
  }
}
