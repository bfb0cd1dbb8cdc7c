/** Viridis at nine places (Smith and van der Walt, 2015, CC0), dark for unsure and bright for sure. */
const viridis = [
  [68, 1, 84],
  [72, 40, 120],
  [62, 74, 137],
  [49, 104, 142],
  [38, 130, 142],
  [31, 158, 137],
  [74, 193, 109],
  [160, 218, 57],
  [253, 231, 37],
] as const;

/** Colour of a probability 0 … 1 as a CSS colour. */
export function surenessColour(probability: number, alpha = 1): string {
  const at = Math.min(1, Math.max(0, probability)) * (viridis.length - 1);
  const low = viridis[Math.floor(at)]!;
  const high = viridis[Math.ceil(at)]!;
  const mix = low.map((value, i) => Math.round(value + (high[i]! - value) * (at % 1)));
  return `rgb(${mix.join(' ')} / ${alpha})`;
}

/** A calm colour of its own for a token whose tile is unknown: neighbouring numbers differ. */
export function tokenColour(token: number): string {
  return `hsl(${(token * 137.508) % 360} 35% ${40 + ((token * 7) % 30)}%)`;
}
