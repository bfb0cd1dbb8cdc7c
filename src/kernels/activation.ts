/** What may follow a sum; the index is the number that lib/activation.wgsl knows it by. */
const activations = ['none', 'geluTanh', 'geluErf', 'silu'] as const;
export type Activation = (typeof activations)[number];

/** The value of the override `activation`. */
export function activationNumber(activation: Activation): number {
  return activations.indexOf(activation);
}
