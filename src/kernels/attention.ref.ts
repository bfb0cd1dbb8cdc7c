import type { Reference } from '../program/interpret.ts';

/** y[s, i, h] = Σ_j softmax_j(q[s, i, h] · k[s, j, h] / √headWidth) · v[s, j, h] */
export const attention: Reference = ({ qkv, places, y }, params, { isListed }) => {
  const { sequences, length, heads, headWidth, queries, first, pictures } = params as { sequences: number } & Record<
    string,
    number
  >;
  const width = heads! * headWidth!;
  for (let s = 0; s < sequences; s++) {
    const row = (i: number): number => (s * length! + i) * 3 * width;
    for (let h = 0; h < heads!; h++) {
      for (let query = 0; query < queries!; query++) {
        const i = isListed ? first! + Math.max(0, places![query * pictures! + (s % pictures!)]!) : query;
        const result = isListed ? query * sequences + s : s * queries! + query;
        const head = h * headWidth!;
        const dot = (j: number): number => {
          let sum = 0;
          for (let d = 0; d < headWidth!; d++) sum += qkv![row(i) + head + d]! * qkv![row(j) + width + head + d]!;
          return sum / Math.sqrt(headWidth!);
        };
        const shares = softmax(Array.from({ length: length! }, (_, j) => dot(j)));
        for (let d = 0; d < headWidth!; d++) {
          y![result * width + head + d] = shares.reduce(
            (sum, share, j) => sum + share * qkv![row(j) + 2 * width + head + d]!,
            0,
          );
        }
      }
    }
  }
};

/** The same formula; what a thread notes on the way is nobody else's. */
export const attentionByBlock: Reference = attention;

function softmax(scores: readonly number[]): number[] {
  const maximum = scores.reduce((a, b) => Math.max(a, b));
  const exps = scores.map((score) => Math.exp(score - maximum));
  const sum = exps.reduce((a, b) => a + b);
  return exps.map((e) => e / sum);
}
