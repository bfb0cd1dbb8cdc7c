import { drawTokens } from './draw.ts';
import { MASK } from './grid.ts';

/** A run in raster order: one token a pass, each from those before it. */
export interface RasterRun {
  readonly seed: number;
  /** Divides the logits before a token is drawn; 0 takes the likeliest code. */
  readonly temperature: number;
  /** [positions], MASK where to draw; known tokens are kept. */
  readonly tokens: Int32Array;
}

/**
 * The causal baseline (VQGAN's second stage, Esser et al. 2021; train/sampling.py, generate_raster): position p is drawn
 * from the logits that the network gives when it has seen the class and the tokens before p. What a run draws is a pure
 * function of its seed: the generator's address at p is (seed, step p, position 0).
 *
 * @param logitsAt [codebook] for a position, guidance applied, given the tokens so far (MASK from the position on)
 * @returns [positions]
 */
export function sampleRaster(
  run: RasterRun,
  logitsAt: (position: number, tokens: Int32Array) => Float32Array,
): Int32Array<ArrayBuffer> {
  const tokens = Int32Array.from(run.tokens);
  const open = Int32Array.of(MASK);
  for (let step = 0; step < tokens.length; step++) {
    if (tokens[step] !== MASK) continue;
    tokens[step] = drawTokens(logitsAt(step, tokens), open, { ...run, step }).guess[0]!;
  }
  return tokens;
}
