import type { Reference } from '../program/interpret.ts';

/** Row tokens[p] of the codebook, or zeros. */
export const lookup: Reference = ({ tokens, codebook, y }, { positions, entries, embedding }) => {
  for (let p = 0; p < positions!; p++) {
    const token = tokens![p]!;
    for (let e = 0; e < embedding!; e++) {
      y![p * embedding! + e] = token >= 0 && token < entries! ? codebook![token * embedding! + e]! : 0;
    }
  }
};
