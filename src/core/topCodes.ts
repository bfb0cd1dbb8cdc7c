/** A position of a picture that is looked at. */
export interface CodeQuery {
  /** [positions] the picture's tokens. */
  readonly tokens: Int32Array;
  readonly position: number;
  /** Class that the rest of the picture is read as; -1 is "no class" in a model that has a null class. */
  readonly classId: number;
}

/** What the model would put at a position, given the rest of the picture. */
export interface TopCodes {
  /** The likeliest codes, the likeliest first. */
  readonly codes: Int32Array<ArrayBuffer>;
  /** Their probabilities among all codes, 0 … 1. */
  readonly probabilities: Float32Array<ArrayBuffer>;
  /** Probability of the code that stands there now. */
  readonly own: number;
}

/**
 * The `count` likeliest codes of one row of logits; of equal ones the lower code comes first.
 *
 * @param logits [codebook]
 * @param own the code that stands there
 */
export function topCodesOf(logits: Float32Array, count: number, own: number): TopCodes {
  const probability = softmax(logits);
  const codes = Int32Array.from(
    [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b).slice(0, Math.min(count, logits.length)),
  );
  return { codes, probabilities: Float32Array.from(codes, (code) => probability[code]!), own: probability[own] ?? 0 };
}

/** [codebook] in doubles; shifted by the largest, so that nothing overflows. */
function softmax(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), -Infinity);
  const raised = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = raised.reduce((total, value) => total + value, 0);
  return raised.map((value) => value / sum);
}
