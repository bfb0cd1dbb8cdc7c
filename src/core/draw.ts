import { MASK } from './grid.ts';
import type { SamplerSettings } from './request.ts';
import { gumbelRow } from './rng.ts';

const f32 = Math.fround;

/** What the network offers at a step. Where a token is known the guess is that token and logProb is 0. */
export interface Proposal {
  /** [positions] */
  readonly guess: Int32Array<ArrayBuffer>;
  /** [positions] log-probability of the guess. */
  readonly logProb: Float32Array<ArrayBuffer>;
  /** [positions] logit of the guess, 0 where the token is known. */
  readonly logit: Float32Array<ArrayBuffer>;
}

/** What a draw needs besides the logits. */
export interface DrawSettings {
  readonly seed: number;
  readonly step: number;
  readonly temperature: SamplerSettings['temperature'];
  /** [codebook] 1 where a code must not be drawn. */
  readonly banned?: Uint8Array;
  /** [positions, codebook] Gumbel values of this step, in place of the generator's. */
  readonly drawNoise?: Float32Array;
}

/**
 * Draw a code for every masked position: argmax over the allowed codes of logits + temperature · Gumbel, which is a
 * draw from softmax(logits / temperature), and the greedy choice at temperature 0. Equal values: the lower code.
 * `logProb` is that of the softmax at temperature 1 over the allowed codes (official: over the codebook only, never
 * over classes or MASK); a ban renormalises it, so confidence compares what could have been drawn.
 *
 * @param logits [positions, codebook], guidance applied
 */
export function drawTokens(logits: Float32Array, tokens: Int32Array, draw: DrawSettings): Proposal {
  const codebook = logits.length / tokens.length;
  const guess = Int32Array.from(tokens);
  const logProb = new Float32Array(tokens.length);
  const logit = new Float32Array(tokens.length);
  const noise = new Float32Array(codebook);
  for (let p = 0; p < tokens.length; p++) {
    if (tokens[p] !== MASK) continue;
    const row = logits.subarray(p * codebook, (p + 1) * codebook);
    const explicit = draw.drawNoise?.subarray(p * codebook, (p + 1) * codebook);
    const code = pick(row, explicit ?? gumbelRow(draw.seed, draw.step, p, noise), draw);
    guess[p] = code;
    logit[p] = row[code]!;
    logProb[p] = row[code]! - logSumExp(row, draw.banned);
  }
  return { guess, logProb, logit };
}

/** The allowed code with the largest noisy logit. */
function pick(row: Float32Array, noise: Float32Array, { temperature, banned }: DrawSettings): number {
  let best = -1;
  let bestValue = -Infinity;
  for (let code = 0; code < row.length; code++) {
    if (banned?.[code] === 1) continue;
    const value = f32(row[code]! + f32(f32(temperature) * noise[code]!));
    if (best >= 0 && !(value > bestValue)) continue;
    best = code;
    bestValue = value;
  }
  return best;
}

/** log Σ exp over the allowed codes, about the largest of them. */
function logSumExp(row: Float32Array, banned?: Uint8Array): number {
  let max = -Infinity;
  row.forEach((value, code) => (max = banned?.[code] === 1 ? max : Math.max(max, value)));
  let sum = 0;
  row.forEach((value, code) => (sum += banned?.[code] === 1 ? 0 : Math.exp(value - max)));
  return max + Math.log(sum);
}
