/** The activations by the number that stands for them in lib/activation.wgsl. */
export const activationReferences: readonly ((v: number) => number)[] = [
  (v) => v,
  (v) => 0.5 * v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
  (v) => 0.5 * v * (1 + erf(v / Math.SQRT2)),
  (v) => v / (1 + Math.exp(-v)),
];

/** The error function to about 1e-15: its Taylor series near 0, Lentz's continued fraction of 1 − erf beyond. */
export function erf(x: number): number {
  const z = Math.abs(x);
  if (z > 6) return Math.sign(x);
  if (z > 2.5) return Math.sign(x) * (1 - tail(z));
  let term = x;
  let sum = x;
  for (let n = 1; n < 80; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

/** 1 − erf(z) = exp(−z²) / √π · 1 / (z + (1/2) / (z + (2/2) / (z + …))) for z > 2. */
function tail(z: number): number {
  let fraction = z;
  for (let n = 60; n > 0; n--) fraction = z + n / 2 / fraction;
  return Math.exp(-z * z) / Math.sqrt(Math.PI) / fraction;
}
