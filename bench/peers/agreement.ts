/** How near a runtime's output is to that of onnxruntime's CPU kernels; a row is published only where `agrees`. */
export interface Agreement {
  readonly agrees: boolean;
  /** Mean squared error over mean square. */
  readonly nmse: number;
  /** Positions whose likeliest code is the same, of logits. */
  readonly argmax?: number;
  /** Peak signal 1, of pixels. */
  readonly psnrDb?: number;
}

/** What is asked of f32 and of f16 (docs/performance.md). */
const bounds = {
  float32: { nmse: 1e-6, argmax: 0.998, psnrDb: 60 },
  float16: { nmse: 1e-3, argmax: 0.98, psnrDb: 40 },
} as const;

export type Precision = keyof typeof bounds;

export function nmseOf(values: Float32Array, truth: Float32Array): number {
  if (values.length !== truth.length) return Number.POSITIVE_INFINITY;
  let [error, power] = [0, 0];
  for (let i = 0; i < truth.length; i++) {
    error += (values[i]! - truth[i]!) ** 2;
    power += truth[i]! ** 2;
  }
  return error / power;
}

export function compareKernel(values: Float32Array, truth: Float32Array, precision: Precision): Agreement {
  const nmse = nmseOf(values, truth);
  return { nmse, agrees: nmse <= bounds[precision].nmse };
}

export function compareLogits(
  values: Float32Array,
  truth: Float32Array,
  codebook: number,
  precision: Precision,
): Agreement {
  const nmse = nmseOf(values, truth);
  const rows = truth.length / codebook;
  let equal = 0;
  for (let r = 0; r < rows; r++) if (likeliest(values, r, codebook) === likeliest(truth, r, codebook)) equal++;
  const argmax = equal / rows;
  return { nmse, argmax, agrees: nmse <= bounds[precision].nmse && argmax >= bounds[precision].argmax };
}

export function comparePixels(values: Float32Array, truth: Float32Array, precision: Precision): Agreement {
  const nmse = nmseOf(values, truth);
  let error = 0;
  for (let i = 0; i < truth.length; i++) error += (values[i]! - truth[i]!) ** 2;
  const psnrDb = error === 0 ? 999 : -10 * Math.log10(error / truth.length);
  return { nmse, psnrDb, agrees: psnrDb >= bounds[precision].psnrDb };
}

function likeliest(logits: Float32Array, row: number, codebook: number): number {
  let best = 0;
  for (let c = 1; c < codebook; c++) if (logits[row * codebook + c]! > logits[row * codebook + best]!) best = c;
  return best;
}
