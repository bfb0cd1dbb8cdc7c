import { CHOICE_LANE, randomBits, uniform } from '../core/rng.ts';
import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** confidence = logProb (or the guess's logit) + scale · Gumbel; the `masked` least confident of the unknown tokens are masked again. */
export const remask: Reference = (tensors, { pictures, positions }, { explicitNoise }) => {
  const { stepParams, guess, logit, logProb, rank, choiceNoise, tokens, confidence } = tensors;
  confidence!.fill(Infinity);
  for (let picture = 0; picture < pictures!; picture++) {
    const { seed, step, choiceScale, masked, byRank, byLogit } = unpackStepParams(stepParams as Uint32Array, picture);
    const at = (p: number): number => picture * positions! + p;
    const open = Array.from({ length: positions! }, (_, p) => p).filter((p) => tokens![at(p)]! < 0);
    for (const p of open) {
      const generated = (): number => -Math.log(-Math.log(uniform(randomBits(seed, step, p, CHOICE_LANE))));
      const score = byLogit === 1 ? logit![at(p)]! : logProb![at(p)]!;
      confidence![at(p)] = score + choiceScale * (explicitNoise === 1 ? choiceNoise![at(p)]! : generated());
      tokens![at(p)] = guess![at(p)]!;
    }
    const value = (p: number): number => (byRank === 1 ? -rank![p]! : confidence![at(p)]!);
    open.sort((a, b) => value(a) - value(b) || a - b);
    for (const p of open.slice(0, masked)) tokens![at(p)] = -1;
  }
};
