import { randomBits, uniform } from '../core/rng.ts';
import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** At every listed position: guess = argmax of logit + temperature · Gumbel over the allowed codes; logProb = logit − log Σ exp. */
export const drawTokens: Reference = (tensors, params, { explicitNoise }) => {
  const { entries, pictures, positions, codebook } = params;
  const { stepParams, logits, places, banned, drawNoise, guess, logProb, logit } = tensors;
  for (let i = 0; i < entries! * pictures!; i++) {
    const p = places![i]!;
    if (p < 0) continue;
    const picture = i % pictures!;
    const at = picture * positions! + p;
    const { seed, step, temperature } = unpackStepParams(stepParams as Uint32Array, picture);
    const row = Array.from(logits!.subarray(i * codebook!, (i + 1) * codebook!));
    const allowed = [...row.keys()].filter((code) => banned![code] === 0);
    const noise = (code: number): number =>
      explicitNoise === 1
        ? drawNoise![at * codebook! + code]!
        : -Math.log(-Math.log(uniform(randomBits(seed, step, p, code))));
    const noisy = allowed.map((code) => row[code]! + temperature * noise(code));
    const drawn = allowed[noisy.indexOf(Math.max(...noisy))]!;
    const top = Math.max(...allowed.map((code) => row[code]!));
    const sum = allowed.reduce((total, code) => total + Math.exp(row[code]! - top), 0);
    guess![at] = drawn;
    logit![at] = row[drawn]!;
    logProb![at] = row[drawn]! - top - Math.log(sum);
  }
};
