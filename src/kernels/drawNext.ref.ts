import { randomBits, uniform } from '../core/rng.ts';
import { unpackStepParams } from '../core/stepParams.ts';
import type { Reference } from '../program/interpret.ts';

/** The token at the step's position: argmax of guided logit + temperature · Gumbel; logProb = logit − log Σ exp. */
export const drawNext: Reference = ({ stepParams, logits, tokens, logProb }, { sequences, codebook, positions }) => {
  const { seed, step, temperature, guidanceScale, nullRow } = unpackStepParams(stepParams as Uint32Array);
  const position = Math.min(step, positions! - 1);
  const isGuided = nullRow >= 0 && sequences! > 1;
  const row = Array.from({ length: codebook! }, (_, code) =>
    isGuided ? (1 + guidanceScale) * logits![code]! - guidanceScale * logits![codebook! + code]! : logits![code]!,
  );
  const noisy = row.map(
    (logit, code) => logit - temperature * Math.log(-Math.log(uniform(randomBits(seed, step, 0, code)))),
  );
  const drawn = noisy.indexOf(Math.max(...noisy));
  const top = Math.max(...row);
  const sum = row.reduce((total, logit) => total + Math.exp(logit - top), 0);
  const isKnown = tokens![position]! >= 0;
  if (!isKnown) tokens![position] = drawn;
  logProb![position] = isKnown ? 0 : row[drawn]! - top - Math.log(sum);
};
