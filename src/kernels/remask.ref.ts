import { CHOICE_LANE, randomBits, uniform } from '../core/rng.ts';
import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** confidence = logProb (or the guess's logit) + scale · Gumbel; the `masked` least confident of the unknown tokens are masked again. */
export const remask: Reference = (tensors, { positions }, { explicitNoise }) => {
  const { stepParams, guess, logit, logProb, rank, choiceNoise, tokens, confidence } = tensors;
  const { seed, step, choiceScale, masked, byRank, byLogit } = unpackStepParams(stepParams as Uint32Array);
  const open = Array.from({ length: positions! }, (_, p) => p).filter((p) => tokens![p]! < 0);
  confidence!.fill(Infinity);
  for (const p of open) {
    const generated = (): number => -Math.log(-Math.log(uniform(randomBits(seed, step, p, CHOICE_LANE))));
    const score = byLogit === 1 ? logit![p]! : logProb![p]!;
    confidence![p] = score + choiceScale * (explicitNoise === 1 ? choiceNoise![p]! : generated());
    tokens![p] = guess![p]!;
  }
  const value = (p: number): number => (byRank === 1 ? -rank![p]! : confidence![p]!);
  open.sort((a, b) => value(a) - value(b) || a - b);
  for (const p of open.slice(0, masked)) tokens![p] = -1;
};
