import { CHOICE_LANE, randomBits, uniform } from '../core/rng.ts';
import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** confidence = logProb (or the guess's logit) + scale · Gumbel; the `masked` least confident of the unknown tokens are masked again, and a half of what is painted for a corrector step. */
export const remask: Reference = (tensors, { pictures, positions }, { explicitNoise }) => {
  const { stepParams, guess, logit, logProb, cells, choiceNoise, tokens, confidence } = tensors;
  confidence!.fill(Infinity);
  for (let picture = 0; picture < pictures!; picture++) {
    const params = unpackStepParams(stepParams as Uint32Array, picture);
    const { seed, step, choiceScale, masked, reopens, byRank, byLogit } = params;
    const at = (p: number): number => picture * positions! + p;
    const open = Array.from({ length: positions! }, (_, p) => p).filter((p) => tokens![at(p)]! < 0);
    for (const p of open) {
      const generated = (): number => -Math.log(-Math.log(uniform(randomBits(seed, step, p, CHOICE_LANE))));
      const score = byLogit === 1 ? logit![at(p)]! : logProb![at(p)]!;
      confidence![at(p)] = score + choiceScale * (explicitNoise === 1 ? choiceNoise![at(p)]! : generated());
      tokens![at(p)] = guess![at(p)]!;
    }
    const value = (p: number): number => (byRank === 1 ? -(cells![p]! & 0xffff) : confidence![at(p)]!);
    open.sort((a, b) => value(a) - value(b) || a - b);
    for (const p of open.slice(0, masked)) tokens![at(p)] = -1;
    if (reopens > 0) cells!.forEach((cell, p) => (cell >> (15 + reopens)) & 1 && (tokens![at(p)] = -1));
  }
};
