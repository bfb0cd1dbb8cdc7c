import type { Reference } from '../program/interpret.ts';

/** Each picture's masked positions in order, then -1; where the token is known it is its own guess. */
export const listMasked: Reference = ({ tokens, places, guess, logProb }, { pictures, positions }) => {
  places!.fill(-1);
  for (let b = 0; b < pictures!; b++) {
    const at = (p: number): number => b * positions! + p;
    const all = Array.from({ length: positions! }, (_, p) => p);
    all.filter((p) => tokens![at(p)]! < 0).forEach((p, i) => (places![i * pictures! + b] = p));
    for (const p of all.filter((p) => tokens![at(p)]! >= 0)) {
      guess![at(p)] = tokens![at(p)]!;
      logProb![at(p)] = 0;
    }
  }
};
