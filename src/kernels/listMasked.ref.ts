import type { Reference } from '../program/interpret.ts';

/** The masked positions in order, then -1; where the token is known it is its own guess. */
export const listMasked: Reference = ({ tokens, places, guess, logProb }, { positions }) => {
  const all = Array.from({ length: positions! }, (_, p) => p);
  places!.fill(-1);
  all.filter((p) => tokens![p]! < 0).forEach((p, i) => (places![i] = p));
  for (const p of all.filter((p) => tokens![p]! >= 0)) {
    guess![p] = tokens![p]!;
    logProb![p] = 0;
  }
};
