import { randomBits, uniform } from '../core/rng.ts';
import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** guess = argmax of logit + temperature · Gumbel over the allowed codes; logProb = logit − log Σ exp. */
export const drawTokens: Reference = (tensors, { positions, codebook }, { explicitNoise }) => {
  const { stepParams, logits, tokens, banned, drawNoise, guess, logProb } = tensors;
  const { seed, step, temperature } = unpackStepParams(stepParams as Uint32Array);
  for (let p = 0; p < positions!; p++) {
    const row = Array.from(logits!.subarray(p * codebook!, (p + 1) * codebook!));
    const allowed = [...row.keys()].filter((code) => banned![code] === 0);
    const noise = (code: number): number =>
      explicitNoise === 1
        ? drawNoise![p * codebook! + code]!
        : -Math.log(-Math.log(uniform(randomBits(seed, step, p, code))));
    const noisy = allowed.map((code) => row[code]! + temperature * noise(code));
    const drawn = allowed[noisy.indexOf(Math.max(...noisy))]!;
    const top = Math.max(...allowed.map((code) => row[code]!));
    const sum = allowed.reduce((total, code) => total + Math.exp(row[code]! - top), 0);
    const isKnown = tokens![p]! >= 0;
    guess![p] = isKnown ? tokens![p]! : drawn;
    logProb![p] = isKnown ? 0 : row[drawn]! - top - Math.log(sum);
  }
};
