/**
 * Counter-based randomness: every number is a pure function of (seed, step, position, lane), so a run that is cut and
 * resumed, or computed in another order on a GPU, draws the same numbers. The generator is Threefry-2x32 with 20
 * rounds (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011): additions, rotations and XOR only,
 * so WGSL (shaders/lib/rng.wgsl, the twin of this file) gives the same bits.
 */

/** The lane of the noise on the confidence; code c of a draw has lane c, and no codebook is that large. */
export const CHOICE_LANE = 0xffff_ffff;

const ROTATIONS = [
  [13, 15, 26, 6],
  [17, 29, 16, 24],
] as const;
const PARITY = 0x1bd1_1bda; // Skein's key-schedule constant

const rotateLeft = (x: number, bits: number): number => (x << bits) | (x >>> (32 - bits));

/** Threefry-2x32-20 of counter (c0, c1) under key (k0, k1): two words of 32 unsigned bits. */
export function threefry(k0: number, k1: number, c0: number, c1: number): [number, number] {
  const keys = [k0 | 0, k1 | 0, PARITY ^ k0 ^ k1];
  let x0 = (c0 + k0) | 0;
  let x1 = (c1 + k1) | 0;
  for (let block = 0; block < 5; block++) {
    const rotations = ROTATIONS[block & 1]!;
    for (let i = 0; i < 4; i++) {
      x0 = (x0 + x1) | 0;
      x1 = rotateLeft(x1, rotations[i]!) ^ x0;
    }
    // After every fourth round the next two words of the key go in, and the number of the block.
    x0 = (x0 + keys[(block + 1) % 3]!) | 0;
    x1 = (x1 + keys[(block + 2) % 3]! + block + 1) | 0;
  }
  return [x0 >>> 0, x1 >>> 0];
}

/** 32 random bits as an unsigned number. Key (seed, step), counter (position, lane ÷ 2), word lane mod 2. */
export function randomBits(seed: number, step: number, position: number, lane: number): number {
  return threefry(seed, step, position, lane >>> 1)[lane & 1]!;
}

/** Bits → a number in the open interval (0, 1), exact in f32: (k + ½) · 2⁻²³ of the upper 23 bits k. */
export function uniform(bits: number): number {
  return ((bits >>> 9) + 0.5) * 2 ** -23;
}

/** A draw of the standard Gumbel distribution, −log(−log u), in f32; between −2.82 and 16.64, never infinite. */
export function gumbel(seed: number, step: number, position: number, lane: number): number {
  return Math.fround(-Math.log(-Math.log(uniform(randomBits(seed, step, position, lane)))));
}

/**
 * The Gumbel draws of lanes 0 … out.length − 1 at one position; the same numbers as `gumbel`, at half the cost,
 * because one call of the generator serves two lanes.
 */
export function gumbelRow(seed: number, step: number, position: number, out: Float32Array): Float32Array {
  for (let lane = 0; lane < out.length; lane += 2) {
    const [even, odd] = threefry(seed, step, position, lane >>> 1);
    out[lane] = -Math.log(-Math.log(uniform(even)));
    if (lane + 1 < out.length) out[lane + 1] = -Math.log(-Math.log(uniform(odd)));
  }
  return out;
}
