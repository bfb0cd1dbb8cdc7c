import type { TuningReport } from '../../core/tuning.ts';

/** How the device multiplies, in a sentence or two for everyone. */
export function tuningWords({ isSoftware, products }: TuningReport): string {
  if (isSoftware)
    return 'Everything is computed in software here, where one fixed recipe is used and nothing needs to be timed.';
  const timed = products.filter(({ ms }) => ms !== undefined);
  if (timed.length === 0) return 'This device was not timed yet: the usual recipes are used.';
  const other = timed.filter(({ variant, usual }) => variant !== usual).length;
  const kinds = `${timed.length} of the ${products.length} kinds of multiplication in this model were timed here`;
  if (other === 0) return `${kinds}; the usual recipes are the fastest.`;
  return `${kinds}; for ${other} of them another recipe than the usual one is faster. It is used from the next time the model is opened.`;
}
