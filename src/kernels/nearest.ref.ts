import type { Reference } from '../program/interpret.ts';

/** argmin_j |z|² − 2 z·e_j + |e_j|², as the official code has it, the first of equals, and second best − best. */
export const nearest: Reference = ({ latent, codebook, tokens, margins }, { positions, entries, embedding }) => {
  const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
    let sum = 0;
    for (let e = 0; e < embedding!; e++) sum += a[e]! * b[e]!;
    return sum;
  };
  for (let p = 0; p < positions!; p++) {
    const z = latent!.subarray(p * embedding!, (p + 1) * embedding!);
    const distances = Array.from({ length: entries! }, (_, j) => {
      const entry = codebook!.subarray(j * embedding!, (j + 1) * embedding!);
      return dot(z, z) - 2 * dot(z, entry) + dot(entry, entry);
    });
    const best = Math.min(...distances);
    tokens![p] = distances.indexOf(best);
    const others = distances.filter((_, j) => j !== tokens![p]);
    margins![p] = others.length > 0 ? Math.min(...others) - best : Math.fround(3e38);
  }
};
